#!/usr/bin/env python3
"""How fast recognizers-text-suite, Microsoft's recognizers of figures in text, finds the sums of money in labelled
articles. `make bench` runs it beside the extractor.

    benches/recognizers.py --install        sets up what it needs under target/, once
    benches/recognizers.py FILE.jsonl       prints, for one core and for all: cores, articles, bytes, seconds, sums

It reads every article of the file, again and again for about ten seconds.
"""

import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import time
import venv

PACKAGES = [
    "datedelta==1.4",
    "emoji==1.6.3",
    "grapheme==0.6.0",
    "lxml_html_clean==0.4.6",
    "multipledispatch==1.0.0",
    "recognizers-text==1.0.2a2",
    "recognizers-text-choice==1.0.2a2",
    "recognizers-text-date-time==1.0.2a2",
    "recognizers-text-number==1.0.2a2",
    "recognizers-text-number-with-unit==1.0.2a2",
    "recognizers-text-sequence==1.0.2a2",
    "recognizers-text-suite==1.0.2a2",
    "regex==2026.11.15",
    "trafilatura==2.3.1",
]
SECONDS = 10

root = pathlib.Path(__file__).resolve().parent.parent
environment = root / "target" / "recognizers"
python = environment / "bin" / "python"
installed = environment / "installed.txt"


def give_up(sentence):
    sys.exit(f"benches/recognizers.py: {sentence}")


def install():
    """Installs the packages into an environment of their own; a second time it does nothing."""
    if installed.is_file() and installed.read_text().split() == PACKAGES:
        return
    try:
        venv.create(environment, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        give_up(f"Python {sys.version.split()[0]} cannot make an environment with pip (on Debian: install python3-venv): {error}")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    if subprocess.run(pip, check=False).returncode != 0:
        give_up("recognizers-text-suite and trafilatura could not be installed with pip, so that there is nothing to compare with")
    installed.write_text("\n".join(PACKAGES) + "\n")


def prepare():
    """Each process has a recogniser of its own, warmed up."""
    global money
    from recognizers_number_with_unit import NumberWithUnitRecognizer
    from recognizers_text import Culture

    money = NumberWithUnitRecognizer(Culture.English).get_currency_model()
    money.parse("It paid $5 billion.")


def sums(text):
    return len(money.parse(text))


def report(cores, texts, read):
    articles = found = 0
    started = time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        found += sum(read(texts))
        articles += len(texts)
    seconds = time.perf_counter() - started
    size = sum(len(text.encode()) for text in texts) * (articles // len(texts))
    print(cores, articles, size, seconds, found, sep="\t", flush=True)


def measure(path):
    prepare()
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    articles = [json.loads(line) for line in lines]
    texts = [f"{article.get('title') or ''}\n{article.get('text') or ''}" for article in articles]
    report(1, texts, lambda texts: map(sums, texts))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with multiprocessing.Pool(cores, prepare) as pool:
        pool.map(sums, texts)  # until every process is ready
        report(cores, texts, lambda texts: pool.map(sums, texts))


if __name__ == "__main__":
    if sys.argv[1:] == ["--install"]:
        install()
    elif len(sys.argv) != 2:
        give_up("name --install, or one file of articles")
    elif pathlib.Path(sys.prefix) == environment:
        measure(sys.argv[1])
    else:
        install()
        os.execv(python, [python, __file__, sys.argv[1]])
