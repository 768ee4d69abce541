"""Decode and prefill rates of PyTorch on the shapes that Pillion is measured with, random weights.

Static batches, SDPA attention, a static key/value cache, decode steps replayed as one CUDA graph. With transformers installed
its Llama is measured; a plain Llama in PyTorch alone is measured too while there is time, and instead of it where it is absent.
Rows go to a JSON file that is whole after each row: the row format of results.json.

    python3 transformers_peer.py --device cuda --minutes 2 --out rows.json
"""

import argparse
import json
import os
import time

import torch
import torch.nn.functional as F

PROMPT = 128
ANSWER = 128


class Shape:
    def __init__(self, name, hidden, layers, heads, kv_heads, head_dim, ffn, vocabulary):
        self.name, self.hidden, self.layers, self.heads = name, hidden, layers, heads
        self.kv_heads, self.head_dim, self.ffn, self.vocabulary = kv_heads, head_dim, ffn, vocabulary


LLAMA_8B = Shape("Llama-3.1-8B", 4096, 32, 32, 8, 128, 14336, 128256)
LLAMA_1B = Shape("Llama-3.2-1B", 2048, 16, 32, 8, 64, 8192, 128256)
TINY = Shape("tiny", 256, 2, 4, 1, 64, 256, 512)


class PlainLlama:
    """The layers and nothing else: fused query-key-value and gate-up matrices, as fast engines have them."""

    label = "PyTorch %s" % torch.__version__

    def __init__(self, shape, device):
        self.shape, self.device = shape, device
        queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.embedding = self._matrix(shape.vocabulary, shape.hidden)
        self.layers = [
            {
                "qkv": self._matrix(queries + 2 * keys, shape.hidden),
                "out": self._matrix(shape.hidden, queries),
                "gate_up": self._matrix(2 * shape.ffn, shape.hidden),
                "down": self._matrix(shape.hidden, shape.ffn),
            }
            for _ in range(shape.layers)
        ]
        self.head = self._matrix(shape.vocabulary, shape.hidden)
        self.gain = torch.ones(shape.hidden, device=device, dtype=torch.bfloat16)
        half = shape.head_dim // 2
        self.frequencies = 500000.0 ** (-torch.arange(half, device=device, dtype=torch.float32) / half)

    def _matrix(self, rows, columns):
        weight = torch.empty(rows, columns, device=self.device, dtype=torch.bfloat16)
        return weight.normal_(0, columns ** -0.5)

    def new_cache(self, batch, length):
        shape = self.shape
        size = (batch, shape.kv_heads, length, shape.head_dim)
        return [
            tuple(torch.zeros(size, device=self.device, dtype=torch.bfloat16) for _ in range(2))
            for _ in range(shape.layers)
        ]

    def prompt_cache(self, length):
        return self.new_cache(1, length)

    def rewind(self, cache, position):
        pass  # where a step writes follows from its positions alone

    def forward(self, tokens, positions, cache):
        """tokens [batch, n] at positions [n] -> logits of the last one [batch, vocabulary]"""
        shape = self.shape
        batch, count = tokens.shape
        x = F.embedding(tokens, self.embedding)
        angles = positions.float()[:, None] * self.frequencies
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        length = cache[0][0].shape[2]
        mask = None
        if count == 1:
            mask = (torch.arange(length, device=self.device) <= positions)[None, None, None, :]
        for layer, (keys, values) in zip(self.layers, cache):
            qkv = F.linear(self._norm(x), layer["qkv"])
            qkv = qkv.view(batch, count, shape.heads + 2 * shape.kv_heads, shape.head_dim).transpose(1, 2)
            q, k, v = qkv.split([shape.heads, shape.kv_heads, shape.kv_heads], dim=1)
            q, k = self._turn(q, cos, sin), self._turn(k, cos, sin)
            keys.index_copy_(2, positions, k)
            values.index_copy_(2, positions, v)
            if count == 1:
                attended = self._attend(q, keys, values, mask, False)
            else:
                attended = self._attend(q, k, v, None, True)
            x = x + F.linear(attended.transpose(1, 2).reshape(batch, count, -1), layer["out"])
            gate, up = F.linear(self._norm(x), layer["gate_up"]).chunk(2, dim=-1)
            x = x + F.linear(F.silu(gate) * up, layer["down"])
        return F.linear(self._norm(x[:, -1]), self.head)

    def _attend(self, q, k, v, mask, causal):
        groups = self.shape.heads // self.shape.kv_heads
        try:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=groups > 1)
        except TypeError:  # before PyTorch 2.5
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)

    def _norm(self, x):
        if hasattr(F, "rms_norm"):
            return F.rms_norm(x, (x.shape[-1],), self.gain, 1e-5)
        return (x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-5)).to(x.dtype) * self.gain

    @staticmethod
    def _turn(x, cos, sin):
        a, b = x.chunk(2, dim=-1)
        return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


class TransformersLlama:
    """The library's own model and static cache."""

    def __init__(self, shape, device):
        import transformers

        self.label = "transformers %s" % transformers.__version__
        self.shape, self.device = shape, device
        self.config = transformers.LlamaConfig(
            vocab_size=shape.vocabulary,
            hidden_size=shape.hidden,
            intermediate_size=shape.ffn,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            head_dim=shape.head_dim,
            max_position_embeddings=16384,
            rope_theta=500000.0,
            tie_word_embeddings=False,
        )
        self.config._attn_implementation = "sdpa"
        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.bfloat16)
        try:
            with torch.device(device):
                self.model = transformers.LlamaForCausalLM(self.config).eval()
        finally:
            torch.set_default_dtype(before)

    def new_cache(self, batch, length):
        import transformers

        attempts = (
            dict(config=self.config, max_batch_size=batch, max_cache_len=length, device=self.device, dtype=torch.bfloat16),
            dict(config=self.config, batch_size=batch, max_cache_len=length, device=self.device, dtype=torch.bfloat16),
            dict(config=self.config, max_cache_len=length),
        )
        refused = []
        for arguments in attempts:
            try:
                return transformers.StaticCache(**arguments)
            except TypeError as e:
                refused.append(str(e))
        raise RuntimeError("this version's StaticCache takes other arguments: %s" % refused)

    def prompt_cache(self, length):
        """None: one that grows, so that attention is causal and needs no mask, which is faster."""
        return None

    def rewind(self, cache, position):
        """From version 5 on the cache counts for itself, in a tensor that a replayed graph adds to."""
        for layer in getattr(cache, "layers", ()):
            if torch.is_tensor(getattr(layer, "cumulative_length", None)):
                layer.cumulative_length.fill_(position)

    def forward(self, tokens, positions, cache):
        arguments = dict(
            input_ids=tokens,
            position_ids=positions[None].expand(tokens.shape[0], -1),
            past_key_values=cache,
            use_cache=True,
        )
        try:
            out = self.model(cache_position=positions, logits_to_keep=1, **arguments)
        except TypeError:
            out = self.model(cache_position=positions, **arguments)
        return out.logits[:, -1]


class Timer:
    """Seconds of a region: device events on a GPU, the clock elsewhere."""

    def __init__(self, device):
        self.gpu = device == "cuda"

    def __enter__(self):
        if self.gpu:
            self.events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
            torch.cuda.synchronize()
            self.events[0].record()
        self.start = time.perf_counter()
        return self

    def __exit__(self, *failure):
        if self.gpu:
            self.events[1].record()
            torch.cuda.synchronize()
            self.seconds = self.events[0].elapsed_time(self.events[1]) / 1000
        else:
            self.seconds = time.perf_counter() - self.start


def median(values):
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2]


def decode(model, batch, prompt, answer, device):
    """Tokens per second of all sequences together, and how the steps were run."""
    cache = model.new_cache(batch, prompt + answer + 8)
    tokens = torch.randint(0, model.shape.vocabulary, (batch, prompt), device=device)
    logits = model.forward(tokens, torch.arange(prompt, device=device), cache)
    token = logits.argmax(-1, keepdim=True)
    position = torch.tensor([prompt], device=device)

    def step():
        token.copy_(model.forward(token, position, cache).argmax(-1, keepdim=True))
        position.add_(1)

    how, run = "eager", step
    if device == "cuda":
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                step()
        torch.cuda.current_stream().wait_stream(side)
        try:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                step()
            how, run = "graph", graph.replay
        except RuntimeError as e:  # some versions ask the device something in each step, which cannot be captured
            torch.cuda.synchronize()
            how = "no graph (%s)" % str(e).splitlines()[0][:120]
    rates = []
    for _ in range(3):
        position.fill_(prompt)
        model.rewind(cache, prompt)
        run()
        with Timer(device) as timer:
            for _ in range(answer - 1):
                run()
        rates.append(batch * (answer - 1) / timer.seconds)
    return median(rates), "prompt %d, %d steps, %s, %.1f-%.1f tok/s" % (prompt, answer - 1, how, min(rates), max(rates))


def prefill(model, count, device):
    cache = model.prompt_cache(count)
    tokens = torch.randint(0, model.shape.vocabulary, (1, count), device=device)
    positions = torch.arange(count, device=device)
    model.forward(tokens, positions, cache)
    seconds = []
    for _ in range(3):
        with Timer(device) as timer:
            model.forward(tokens, positions, cache).argmax(-1)
        seconds.append(timer.seconds)
    return count / median(seconds), "%.2f-%.2f ms" % (1000 * min(seconds), 1000 * max(seconds))


class Rows:
    def __init__(self, path):
        self.path, self.rows = path, []
        self.write()

    def add(self, name, shape, value, peer, note, passed=None):
        row = dict.fromkeys(
            ("stage", "name", "shape", "value", "unit", "ceiling", "ceiling_unit", "share", "target", "passed", "peer", "note")
        )
        row.update(stage="peers", name=name, shape=shape, value=value, unit="tok/s", passed=passed, peer=peer, note=note)
        self.rows.append(row)
        self.write()
        print("%s, %s: %s tok/s, %s, %s" % (shape, name, value, peer, note), flush=True)

    def write(self):
        with open(self.path + ".unfinished", "w") as out:
            json.dump(self.rows, out, indent=1)
        os.replace(self.path + ".unfinished", self.path)


def measure(kind, shape, batches, prompts, sizes, device, rows, end):
    name = shape.name + " BF16"
    label = getattr(kind, "label", "transformers")
    work = [("decode batch %d" % b, b, None) for b in batches] + [("prefill %d" % n, None, n) for n in prompts]
    # The longest-awaited figures first: one sequence, many, a long prompt.
    work.sort(key=lambda item: (item[1] or 0) not in (1, max(batches)) and item[2] != prompts[-2])
    try:
        model = kind(shape, device)
        label = model.label
    except Exception as e:  # whatever this installation lacks, the other model may work
        rows.add("model", name, None, label, "failed: %s: %s" % (type(e).__name__, e))
        return
    for title, batch, count in work:
        if time.monotonic() > end:
            rows.add(title, name, None, label, "not measured: no time was left")
            continue
        try:
            with torch.inference_mode():
                if batch:
                    value, note = decode(model, batch, sizes[0], sizes[1], device)
                else:
                    value, note = prefill(model, count, device)
            rows.add(title, name, value, label, note)
        except Exception as e:
            rows.add(title, name, None, label, "failed: %s: %s" % (type(e).__name__, str(e)[:300]))
    del model
    if device == "cuda":
        torch.cuda.empty_cache()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    rows = Rows(options.out)
    if options.device == "cuda" and not torch.cuda.is_available():
        rows.add("model", "", None, "PyTorch", "not measured: this PyTorch sees no GPU")
        return
    torch.manual_seed(7)
    try:
        import transformers  # noqa: F401

        kinds = [TransformersLlama, PlainLlama]
    except ImportError as e:
        print("transformers is absent (%s): plain PyTorch alone" % e, flush=True)
        kinds = [PlainLlama]
    for kind in kinds:
        if options.device == "cpu":
            measure(kind, TINY, (1, 4), (8, 16, 24), (4, 8), "cpu", rows, end)
        else:
            measure(kind, LLAMA_8B, (1, 8, 64, 256), (512, 1024, 2048, 4096, 8192), (PROMPT, ANSWER), "cuda", rows, end)
            measure(kind, LLAMA_1B, (1, 8, 64, 256), (512, 1024, 2048, 4096, 8192), (PROMPT, ANSWER), "cuda", rows, end)


if __name__ == "__main__":
    main()
