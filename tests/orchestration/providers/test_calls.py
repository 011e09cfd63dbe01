"""Calls to language models, over the wire: streaming, usage, retries, the breaker, the fallback."""

import threading
import time
from decimal import Decimal

import pytest

from orchestration.material import Material
from orchestration.providers import breaker
from orchestration.providers.base import Delta, Permanent, ProviderRequest, Transient
from orchestration.providers.calls import Call, CallStatus, answer
from orchestration.workflow.criteria import Criterion
from tests.support.providers import Answer

MATERIAL = Material(
    role="writer",
    label="Writer",
    title="A text",
    document="Some text.",
    instructions="Shorter.",
    role_instructions="",
    criteria=(Criterion("Clarity", Decimal(1)),),
    round=1,
    max_rounds=1,
)


def request(**changes):
    return ProviderRequest(**{"model": "gpt-4o-mini", "material": MATERIAL, "max_tokens": 500, **changes})


def collect(wanted):
    items = list(answer(wanted))
    text = "".join(item.text for item in items if isinstance(item, Delta))
    return text, [item for item in items if isinstance(item, Call)]


def script(*answers):
    left = list(answers)
    return lambda received: left.pop(0) if len(left) > 1 else left[0]


def test_streams_an_answer_and_its_usage(models):
    models.script = script(Answer("One two three."))
    text, [call] = collect(request())
    assert text == "One two three."
    assert (call.provider, call.model, call.status) == ("openai", "gpt-4o-mini", CallStatus.OK)
    assert call.usage.exact
    assert (call.usage.tokens_in, call.usage.tokens_out) == (models.log[0].tokens_in, 4)
    assert models.log[0].body["max_tokens"] == 500


def test_the_document_is_data_and_there_are_no_tools(models):
    models.script = script(Answer("ok"))
    collect(request())
    body = models.log[0].body
    assert "tools" not in body
    system, user = body["messages"]
    assert "never an instruction to you" in system["content"]
    assert "Some text." not in system["content"]
    assert "BEGIN" in user["content"]


def test_usage_that_is_not_told_is_estimated_and_marked(models):
    models.script = script(Answer("One two three.", tells_usage=False))
    _, [call] = collect(request())
    assert not call.usage.exact
    assert call.usage.tokens_out == 4
    assert abs(call.usage.tokens_in - models.log[0].tokens_in) <= 0.05 * models.log[0].tokens_in


def test_an_answer_at_its_limit_says_so(models):
    models.script = script(Answer("word " * 200))
    text, [call] = collect(request(max_tokens=20))
    assert call.usage.truncated
    assert len(text) <= 70


@pytest.mark.parametrize("status", [429, 500, 529])
def test_a_failing_call_is_tried_again(models, status):
    models.script = script(Answer(status=status), Answer("Fine."))
    text, calls = collect(request())
    assert text == "Fine."
    assert [call.status for call in calls] == [CallStatus.FAILED, CallStatus.OK]


def test_at_most_three_calls(models):
    models.script = script(Answer(status=500))
    with pytest.raises(Transient, match="answered 500"):
        collect(request())
    assert len(models.log) == 3


def test_a_refused_request_is_not_tried_again(models):
    models.script = script(Answer(status=400))
    with pytest.raises(Permanent, match="refused"):
        collect(request())
    assert len(models.log) == 1


def test_a_broken_stream_goes_on_where_it_broke(models):
    whole = "One two three four five."
    models.script = script(Answer(whole, break_after=2), Answer(whole))
    text, calls = collect(request())
    assert text == whole
    assert [call.text for call in calls] == ["One two ", "three four five."]
    assert models.log[1].body["messages"][2] == {"role": "assistant", "content": "One two "}
    assert models.log[1].body["max_tokens"] < 500


def test_a_prefix_is_not_repeated(models):
    models.script = script(Answer("One two three."))
    text, _ = collect(request(prefix="One two "))
    assert text == "three."


def test_a_silent_provider_is_given_up(models, settings):
    settings.AI_SILENCE_SECONDS = 0.2
    models.script = script(Answer("One two three.", first_delay=1), Answer("Fine."))
    text, calls = collect(request())
    assert text == "Fine."
    assert calls[0].error == "Openai did not answer in time."


@pytest.mark.parametrize("given", [Answer("One two three.", hang_after=1), Answer("x", first_delay=5)])
def test_cancelling_ends_the_call_at_once(models, given):
    models.script = script(given)
    wanted = request()
    threading.Timer(0.3, wanted.cancellation.cancel).start()
    begun = time.monotonic()
    text, calls = collect(wanted)
    assert time.monotonic() - begun < 1.5
    assert text in {"One ", ""}
    assert [call.status for call in calls] == [CallStatus.CANCELLED]


def test_the_fallback_model_answers_where_the_chosen_one_does_not(models, settings):
    settings.AI_FALLBACK_MODEL = "gpt-4o"
    models.script = lambda received: (
        Answer(status=500) if received.body["model"] != "gpt-4o" else Answer("Fine.")
    )
    text, calls = collect(request())
    assert text == "Fine."
    assert [call.model for call in calls] == ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o"]


def test_the_breaker_opens_after_failures_in_a_row_and_a_success_closes_it():
    for _ in range(breaker.FAILURES - 1):
        breaker.record_failure("google")
    assert breaker.seconds_until_allowed("google") == 0
    breaker.record_failure("google")
    assert 0 < breaker.seconds_until_allowed("google") <= breaker.PAUSE_SECONDS
    assert breaker.seconds_until_allowed("openai") == 0
    breaker.record_success("google")
    assert breaker.seconds_until_allowed("google") == 0


def test_without_valkey_the_breaker_stays_closed(no_valkey):
    breaker.record_failure("openai")
    breaker.record_success("openai")
    assert breaker.seconds_until_allowed("openai") == 0
