from __future__ import annotations

from annotation.answers import Answers, from_result, to_result


def test_a_form_survives_the_way_to_the_server_and_back() -> None:
    answers = Answers(
        {"L1": "safe", "L2": "unsafe", "L3": "unsure"}, {"L2": "R3"}, False, True, "a real sign?"
    )
    assert from_result(to_result(answers)) == answers


def test_the_stored_form_is_label_studios() -> None:
    result = to_result(Answers({"L2": "unsafe"}, {}, None, revealed=False))
    value = {"choices": ["unsafe"]}
    assert result == [{"from_name": "L2", "to_name": "image", "type": "choices", "value": value}]


def test_an_empty_form_answers_nothing() -> None:
    assert from_result([]) == Answers({}, {}, None, revealed=False)


def test_a_note_is_stored_as_text() -> None:
    result = to_result(Answers({}, {}, None, revealed=False, note="blurred"))
    assert result == [
        {"from_name": "note", "to_name": "image", "type": "textarea", "value": {"text": ["blurred"]}}
    ]


def test_a_control_this_form_does_not_have_is_passed_over() -> None:
    result = to_result(Answers({"L1": "safe"}, {}, None, revealed=False))
    result[0] |= {"type": "rectangle", "value": {}}
    assert from_result(result) == Answers({}, {}, None, revealed=False)


def test_a_word_that_is_no_answer_is_none() -> None:
    result = to_result(Answers({"L1": "safe"}, {}, True, True))
    result[1]["value"]["choices"] = ["perhaps"]
    assert from_result(result).said == {}


def test_a_control_without_a_choice_is_no_answer() -> None:
    result = to_result(Answers({"L1": "safe"}, {}, None, revealed=False))
    result[0]["value"] = {"choices": []}
    assert from_result(result).said == {}
