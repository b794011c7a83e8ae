"""Speed of the harness beside its peers: one model, the same pictures and prompts, one thread, one go.

    python -m tests.bench_harness

builds a 37M-parameter model of Qwen2.5-VL's architecture (random weights; 324 image tokens at 504 x 504) and
puts five policies of about 100 and 400 tokens to it: through `TransformersVLM`, through transformers'
`DecisionPipeline`, through lm-eval's `hf-multimodal` (in an environment of its own, made on the first run)
and through `generate` as a user would call it. Every contender runs in a process of its own and answers each
picture in turn; the time of a picture is the median of CPU seconds, in which other work on the machine does
not show. Encodes and prompt tokens are counted in the model.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers"
PEER_PACKAGES = [
    "lm-eval==0.4.13",
    "torch>=2.14,<2.15",
    "torchvision>=0.29,<0.30",
    "transformers>=5.23,<5.24",
    "accelerate>=1.15,<2",
    "peft>=0.21,<0.22",
]
SIZE = 504  # 18 x 18 = 324 image tokens
VOCABULARY = 16_384  # most of it unused: the tokenizer is a small one, the price of a large one is real
POLICIES = 5
PLAIN = (
    "Policy:\n{policy}\n\nIs this image safe or unsafe under the policy? "
    "Answer with one word: safe or unsafe."
)
PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
TURN = f"<|im_start|>user\n{PICTURE}{{question}}<|im_end|>\n<|im_start|>assistant\n"
Answer = Callable[[Any, list[str]], list[str]]  # (picture, policy texts) -> verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--lengths", type=int, nargs="+", default=[100, 400], help="tokens a policy")
    parser.add_argument("--contender", choices=sorted(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--task", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contender:
        print(json.dumps(run(given.contender, json.loads(given.task.read_text()))))
        return
    with TemporaryDirectory() as folder:
        model = build_model(Path(folder) / "model")
        for length in given.lengths:
            task = Path(folder) / "task.json"
            task.write_text(
                json.dumps({"model": str(model), "images": given.images, "policies": policies(model, length)})
            )
            show(length, {name: in_own_process(name, task) for name in CONTENDERS})


def build_model(folder: Path) -> Path:
    """Random weights whose first written token is always one of the two labels, so that answers compare."""
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    from tests import tiny

    tiny.qwen2_5_vl(folder)  # for its processor
    processor = AutoProcessor.from_pretrained(folder)
    model = AutoModelForImageTextToText.from_pretrained(folder)
    config = model.config
    shape = {"hidden_size": 448, "intermediate_size": 1232, "num_hidden_layers": 6, "num_attention_heads": 7}
    for name, value in {**shape, "num_key_value_heads": 1, "vocab_size": VOCABULARY}.items():
        setattr(config.text_config, name, value)
    config.text_config.rope_parameters["mrope_section"] = [8, 12, 12]
    config.text_config.layer_types = ["full_attention"] * 6
    vision = {
        "depth": 6,
        "hidden_size": 320,
        "intermediate_size": 864,
        "num_heads": 5,
        "out_hidden_size": 448,
    }
    for name, value in {**vision, "fullatt_block_indexes": [2, 5]}.items():
        setattr(config.vision_config, name, value)
    processor.tokenizer.add_tokens(["unsafe", "safe"])  # one token each, as DecisionPipeline asks for
    config.text_config.bos_token_id = config.text_config.eos_token_id = processor.tokenizer.eos_token_id
    for part in (config, config.text_config, config.vision_config):
        part.initializer_range = 0.02  # the tests' tiny models have ten times that
    torch.manual_seed(0)
    model = type(model)(config)
    processor.image_processor.size = {"shortest_edge": SIZE * SIZE, "longest_edge": SIZE * SIZE}
    safe, unsafe = processor.tokenizer.convert_tokens_to_ids(["safe", "unsafe"])
    with torch.no_grad():
        rows = model.lm_head.weight
        rows *= 0.05
        rows[safe] = torch.randn(rows.shape[1])
        rows[unsafe] = -rows[safe]
    print(f"model: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters")
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def policies(model: Path, length: int) -> list[str]:
    """Five texts of about `length` tokens that part early, as real policies do."""
    from transformers import AutoTokenizer

    from bench.policy import load_policies

    tokenizer = AutoTokenizer.from_pretrained(model)
    text = " ".join(policy.text() for policy in load_policies())
    ids = tokenizer(text)["input_ids"]
    return [tokenizer.decode(ids[40 * i : 40 * i + length]) for i in range(POLICIES)]


def in_own_process(contender: str, task: Path) -> dict[str, Any]:
    python = peers() if contender == "lm-eval hf-multimodal" else sys.executable
    one_thread = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [python, "-m", "tests.bench_harness", "--contender", contender, "--task", task],
        env={**os.environ, **one_thread}, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{contender} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def peers() -> Path:
    """The interpreter of the peers' environment, made if it is not there."""
    python = PEERS / "bin" / "python"
    if not python.exists() or not (PEERS / ".installed").exists():
        print(f"installing lm-eval into {PEERS.name} (some minutes, 6 GB)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEER_PACKAGES],
            check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        (PEERS / ".installed").touch()
    return python


def run(contender: str, task: dict[str, Any]) -> dict[str, Any]:
    """Answer every picture once (after one to warm up) and count the work done in the model."""
    import numpy as np
    import torch
    from PIL import Image

    torch.set_num_threads(1)
    model, answer = CONTENDERS[contender](task["model"])
    counted = {"encodes": 0, "tokens": 0}
    base = model.model

    def encoded(*_: object) -> None:
        counted["encodes"] += 1

    def read(_: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        inputs = kwargs.get("inputs_embeds")
        counted["tokens"] += inputs.shape[0] * inputs.shape[1]

    base.visual.register_forward_hook(encoded)
    base.language_model.register_forward_pre_hook(read, with_kwargs=True)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (task["images"] + 1, SIZE, SIZE, 3), dtype=np.uint8)
    answer(Image.fromarray(pixels[-1]), task["policies"])
    counted.update(encodes=0, tokens=0)
    seconds, verdicts = [], []
    for picture in pixels[:-1]:
        start = time.process_time()
        verdicts += answer(Image.fromarray(picture), task["policies"])
        seconds.append(time.process_time() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    per = {name: count / task["images"] for name, count in counted.items()}
    return {"seconds": statistics.median(seconds), "verdicts": verdicts, "memory": memory, **per}


def ours(sharing: str) -> Callable[[str], tuple[Any, Answer]]:
    def load(folder: str) -> tuple[Any, Answer]:
        from evaluators.transformers_vlm import Decoding, TransformersVLM

        decoding: Any = Decoding(sharing=sharing, min_label_mass=0.0)  # type: ignore[arg-type]
        vlm = TransformersVLM.load(folder, device="cpu", decoding=decoding)

        class Text:
            def __init__(self, text: str) -> None:
                self.id, self.words, self.digest = "P", text, ""

            def text(self, wording: int = 0) -> str:
                return self.words

        def answer(picture: Any, texts: list[str]) -> list[str]:
            policies: Any = [Text(text) for text in texts]
            return [outcome.status for outcome in vlm.judge([picture], policies)[0]]

        return vlm.model, answer

    return load


def decision(folder: str) -> tuple[Any, Answer]:
    """One question a policy in one request; its template gives the very prompt that the others get."""
    from transformers import AutoProcessor, pipeline
    from transformers.decision import DecisionConfig

    image = f"{{% for part in state %}}{PICTURE}{{% endfor %}}"
    template = TURN.replace(PICTURE, image).replace("{question}", "{{ question.instructions }}")
    template += "\n"  # Jinja takes the last line break away
    config = DecisionConfig(
        labels={"choice": ["safe", "unsafe"]}, chat_template=template, sanitize_control_tokens=False
    )
    decide = pipeline(
        "decision", model=folder, processor=AutoProcessor.from_pretrained(folder), decision_config=config,
        device="cpu", dtype="float32",
    )  # fmt: skip

    def answer(picture: Any, texts: list[str]) -> list[str]:
        ask = {"type": "choice", "criteria": {"safe": None, "unsafe": None}}
        questions = {str(i): {**ask, "instructions": PLAIN.format(policy=t)} for i, t in enumerate(texts)}
        told = decide({"state": "<picture>", "assets": {"<picture>": picture}, "questions": questions})
        return [told[name]["choice"] for name in questions]

    return decide.model, answer


def lm_eval(folder: str) -> tuple[Any, Answer]:
    """Its model class, given the requests its tasks make; one token each, the least it can write."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.hf_vlms import HFMultimodalLM

    lm = HFMultimodalLM(pretrained=folder, device="cpu", dtype="float32", batch_size=1)
    lm.chat_applied = True

    def answer(picture: Any, texts: list[str]) -> list[str]:
        requests = [
            Instance(
                "generate_until", {}, (
                    TURN.format(question=PLAIN.format(policy=text)),
                    {"until": ["<|im_end|>"], "max_gen_toks": 1},
                    {"visual": [picture]},
                ), i,
            )
            for i, text in enumerate(texts)
        ]  # fmt: skip
        return [text.strip() for text in lm.generate_until(requests, disable_tqdm=True)]

    return lm.model, answer


def generate(tokens: int) -> Callable[[str], tuple[Any, Answer]]:
    def load(folder: str) -> tuple[Any, Answer]:
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor

        processor = AutoProcessor.from_pretrained(folder)
        model = AutoModelForImageTextToText.from_pretrained(folder, dtype="float32")

        def one(picture: Any, text: str) -> str:
            prompt = TURN.format(question=PLAIN.format(policy=text))
            inputs = processor(text=[prompt], images=[picture], return_tensors="pt")
            with torch.inference_mode():
                out = model.generate(**inputs, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False)
            return str(processor.tokenizer.decode(out[0, inputs["input_ids"].shape[1]]))

        return model, lambda picture, texts: [one(picture, text) for text in texts]

    return load


CONTENDERS: dict[str, Callable[[str], tuple[Any, Answer]]] = {
    "ours, exact": ours("exact"),
    "ours, fast": ours("fast"),
    "DecisionPipeline": decision,
    "lm-eval hf-multimodal": lm_eval,
    "generate, 1 token": generate(1),
    "generate, 32 tokens": generate(32),
}


def show(length: int, results: dict[str, dict[str, Any]]) -> None:
    reference = results["DecisionPipeline"]["verdicts"]
    ours = results["ours, exact"]["seconds"]
    print(f"\npolicies of {length} tokens, {POLICIES} a picture, 324 image tokens; CPU seconds, float32")
    print(f"{'':24}{'s a picture':>12}{'verdicts/s':>12}{'ours exact is':>14}"
          f"{'encodes':>9}{'tokens':>8}{'peak MB':>9}  same verdicts")  # fmt: skip
    for name, result in results.items():
        same = sum(a == b for a, b in zip(result["verdicts"], reference, strict=True))
        print(f"{name:24}{result['seconds']:12.2f}{POLICIES / result['seconds']:12.2f}"
              f"{result['seconds'] / ours:13.1f}x{result['encodes']:9.0f}{result['tokens']:8.0f}"
              f"{result['memory']:9.0f}  {same} of {len(reference)}")  # fmt: skip


if __name__ == "__main__":
    main()
