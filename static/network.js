// The drawing of the network answers to the pointer: what is touched stands out, a company can be moved in its column, and
// a slider sets the end of the period. All of it is in the page without this file.
(() => {
  const ROW = 28;

  function begin(figure) {
    const column = figure.querySelector("ol");
    const flows = [...figure.querySelectorAll("a[data-from]")];
    const sides = { up: figure.querySelector(".up"), down: figure.querySelector(".down") };
    const [upTips, downTips] = figure.querySelectorAll(".tips");
    const rows = [...column.children];
    rows.forEach((row, at) => (row.dataset.row = at));

    // What is touched.
    const show = (near) => {
      figure.classList.toggle("hovering", Boolean(near));
      flows.forEach((flow) => flow.classList.toggle("near", Boolean(near?.(flow))));
      const ends = new Set(flows.filter((flow) => near?.(flow)).flatMap((flow) => [flow.dataset.from, flow.dataset.to]));
      rows.forEach((row) => row.classList.toggle("near", ends.has(row.dataset.row)));
    };
    const touch = (event) => {
      const flow = event.target.closest("a[data-from]");
      const row = event.target.closest("li[data-row]");
      if (flow) show((other) => other === flow);
      else if (row) show((other) => [other.dataset.from, other.dataset.to].includes(row.dataset.row));
      else show(null);
    };
    figure.addEventListener("pointerover", touch);
    figure.addEventListener("focusin", touch);
    figure.addEventListener("pointerleave", () => show(null));
    figure.addEventListener("focusout", () => show(null));

    // The same arithmetic as on the server, for a new order.
    function redraw() {
      const place = [];
      [...column.children].forEach((row, at) => (place[row.dataset.row] = at));
      const spans = flows.map((flow) => Math.abs(place[flow.dataset.from] - place[flow.dataset.to]));
      const longest = Math.max(1, ...spans);
      upTips.replaceChildren();
      downTips.replaceChildren();
      const left = new Set();
      flows.forEach((flow, at) => {
        const [from, to] = [place[flow.dataset.from], place[flow.dataset.to]];
        const up = to < from;
        const aside = up ? -4 : 4;
        const leaves = from * ROW + ROW / 2 + aside;
        const arrives = to * ROW + ROW / 2 - aside;
        const reach = 14 + 84 * Math.sqrt(spans[at] / longest);
        flow.querySelectorAll("path").forEach((path) =>
          path.setAttribute("d", `M0 ${leaves}C${reach} ${leaves} ${reach} ${arrives} 0 ${arrives}`),
        );
        const side = up ? sides.up : sides.down;
        if (flow.parentNode !== side) side.append(flow);
        const tip = document.createElementNS("http://www.w3.org/2000/svg", "path");
        tip.setAttribute("d", up ? `M0 ${arrives - 3.5}l7 3.5-7 3.5z` : `M7 ${arrives - 3.5}l-7 3.5 7 3.5z`);
        (up ? upTips : downTips).append(tip);
        if (up) left.add(flow.dataset.from).add(flow.dataset.to);
      });
      rows.forEach((row) => row.classList.toggle("left", left.has(row.dataset.row)));
      // The sums stood where the arcs were.
      figure.querySelector(".labels")?.remove();
    }
    function move(row, to) {
      const at = [...column.children].indexOf(row);
      const end = Math.max(0, Math.min(column.children.length - 1, to));
      if (at === end) return;
      column.insertBefore(row, column.children[end > at ? end + 1 : end] ?? null);
      redraw();
    }

    // By dragging, by two buttons, and by Alt with an arrow.
    rows.forEach((row) => {
      const link = row.querySelector("a");
      link.draggable = false;
      const buttons = document.createElement("span");
      buttons.className = "move";
      for (const [sign, word, by] of [["\u2191", "up", -1], ["\u2193", "down", 1]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.tabIndex = -1;
        button.textContent = sign;
        button.setAttribute("aria-label", `Move ${link.textContent} ${word}`);
        button.addEventListener("click", () => move(row, [...column.children].indexOf(row) + by));
        buttons.append(button);
      }
      row.prepend(buttons);
      link.addEventListener("keydown", (event) => {
        const by = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        move(row, [...column.children].indexOf(row) + by);
        link.focus();
      });
      let begun = null;
      row.addEventListener("pointerdown", (event) => {
        if (event.pointerType === "mouse" && event.button === 0 && !event.target.closest("button")) begun = event.clientY;
      });
      row.addEventListener("pointermove", (event) => {
        if (begun === null || Math.abs(event.clientY - begun) < 5) return;
        row.setPointerCapture(event.pointerId);
        row.classList.add("dragged");
        move(row, Math.floor((event.clientY - column.getBoundingClientRect().top) / ROW));
      });
      const end = () => {
        begun = null;
        setTimeout(() => row.classList.remove("dragged"));
      };
      row.addEventListener("pointerup", end);
      row.addEventListener("pointercancel", end);
      row.addEventListener("click", (event) => row.classList.contains("dragged") && event.preventDefault(), true);
    });
  }

  // The slider: months from the first deal to the last; its end is the whole.
  function slider(form) {
    const to = form.querySelector("input[name=to]");
    const month = (text) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1;
    const text = (number) => `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}`;
    const [first, last] = [month(form.dataset.first), month(form.dataset.last)];
    const range = document.createElement("input");
    range.type = "range";
    range.id = "n-slide";
    range.min = first;
    range.max = last;
    range.value = to.value.length >= 7 ? month(to.value) : last;
    range.setAttribute("aria-label", "Until");
    const say = () => range.setAttribute("aria-valuetext", text(Number(range.value)));
    range.addEventListener("input", () => {
      to.value = Number(range.value) === last ? "" : text(Number(range.value));
      say();
    });
    say();
    to.parentElement.append(range);
  }

  function start(root) {
    root.querySelectorAll(".arcs").forEach(begin);
    root.querySelectorAll("form[data-first]").forEach(slider);
  }
  start(document);
  document.addEventListener("htmx:load", (event) => event.target !== document.body && start(event.target));
})();
