"""Writes the held-out cases of eval.py as JSON lines, the task format that `pillion eval` reads.

python3 export_eval.py > ../../tests/conformance/src/test/resources/demo-eval.jsonl

One case a line: task, label, prompt and answer as text. Special tokens are written out; <s> before the prompt is left
to the tokenizer. The answer ends with its terminator: a case is right if greedy decoding gives exactly these tokens.
"""
import json
import sys

from eval import cases
from tokenizer import Tokenizer

if __name__ == "__main__":
    tok = Tokenizer.load()
    for task, ids, answer, label in cases(tok):
        prompt, text = tok.decode(ids[1:]), tok.decode(answer)
        assert tok.encode(prompt) == ids[1:] and tok.encode(text) == answer, (prompt, text)
        line = {"task": task, "label": label, "prompt": prompt, "answer": text}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
