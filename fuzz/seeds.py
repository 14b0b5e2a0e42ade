#!/usr/bin/env python3
"""Makes what the fuzzer starts from: a corpus out of the labelled articles, a dictionary out of the lexicon, and the
program's own Cargo.lock, so that the same versions are fuzzed. Nothing of it is committed."""

import hashlib
import json
import pathlib
import re
import shutil

here = pathlib.Path(__file__).resolve().parent
root = here.parent


def seed(target, text):
    folder = here / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    content = text.encode()
    (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


for name in ["dev", "develop", "own"]:
    for line in (root / "tests" / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        article = {key: article.get(key) or "" for key in ["id", "publisher", "published", "title", "text"]}
        one_line = {key: " ".join(str(value).split()) for key, value in article.items()}
        seed("extract", "\n".join([one_line["publisher"], one_line["published"], one_line["title"], article["text"]]))
        seed("text", one_line["title"] + "\n" + article["text"])
        seed("article_line", json.dumps(article, ensure_ascii=False) + "\n")
        for sentence in re.split(r"(?<=[.!?])\s+", article["text"]):
            if re.search(r"\d", sentence):
                seed("quantities", sentence)

words = set()
for path in sorted((root / "src" / "extract" / "lexicon").glob("*.toml")):
    words.update(re.findall(r'"([^"\\\n]{2,32})"', path.read_text(encoding="utf-8")))
escaped = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in sorted(words))
(here / "words.dict").write_text("".join(f'"{word}"\n' for word in escaped))

shutil.copyfile(root / "Cargo.lock", here / "Cargo.lock")
for folder in sorted((here / "corpus").iterdir()):
    print(f"{folder.name}: {len(list(folder.iterdir()))} seeds")
print(f"words.dict: {len(words)} words")
