"""Seconds each answer form takes over a million letters: python -m tests.bench_answer_forms"""

from __future__ import annotations

import time

from bench.answer_forms import FORMS, AnswerForm, read
from tests.bench.nasty_answers import WORDS
from tests.bench.test_answer_forms import HUGE


def seconds(form: AnswerForm, answer: str) -> float:
    start = time.perf_counter()
    read(form, answer, WORDS[form])
    return time.perf_counter() - start


if __name__ == "__main__":
    print(f"{'form':<14}{'slowest':>10}   over {len(HUGE)} answers")
    for form in FORMS:
        slowest, answer = max((seconds(form, answer), answer[:24]) for answer in HUGE)
        print(f"{form:<14}{slowest:>9.3f}s   {answer!r}...")
