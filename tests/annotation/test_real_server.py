"""The whole way with a real Label Studio and a real browser: serve, push, two raters, pull, adjudicate."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.agreement import agreement_table
from annotation.client import Client, connect
from annotation.consensus import Item, settle
from annotation.errors import AnnotationError
from annotation.forms import Form, latest
from annotation.journal import Pulled, entries_of
from annotation.order import policy_order, queue_order
from annotation.project import adjudication_title
from annotation.pull import PullReport, pull, pulled_forms
from annotation.push import ask_further, push
from annotation.raters import SimulatedRater, simulate
from annotation.server import Server
from bench.policy import Ruling, load_policies
from tests.annotation.rater import Rater, chromium
from tests.annotation.samples import Album

pytestmark = pytest.mark.slow

POLICIES = load_policies()
IDS = [policy.id for policy in POLICIES]
ALBUM = Album(6)
QUEUE = [picture.image_id for picture in queue_order(ALBUM.pictures)]
TITLE = "Five policies"
TRUTH = {
    (image_id, policy.id): Ruling("unsafe", (policy.rules[0].id,))
    if policy.rules and number % 2
    else Ruling("safe", ())
    for number, image_id in enumerate(ALBUM.bytes_of)
    for policy in POLICIES
}


def pushed(client: Client, title: str) -> None:
    push(client, title, ALBUM.pictures, ALBUM.read, POLICIES)


def pulled(client: Client, folder: Path, title: str = TITLE) -> tuple[Form, ...]:
    pull(client, client.project(title), folder)
    return pulled_forms(folder, title)


def test_two_raters_label_behind_a_veil(client: Client, shots: Path, tmp_path: Path) -> None:
    pushed(client, TITLE)
    with chromium(client.url) as browser:
        orders = ann_labels(Rater(browser, client, "ann"), shots)
        ben_labels(Rater(browser, client, "ben"), shots)

    forms = pulled(client, tmp_path)
    ann, ben = (
        [form for form in forms if form.rater == rater] for rater in dict.fromkeys(f.rater for f in forms)
    )
    assert [form.image_id for form in ann] == QUEUE[:3]
    assert [form.image_id for form in ben] == QUEUE[:2]  # the same queue, in the same order
    assert [[vote.answer for vote in form.votes] for form in (*ann, *ben)] == [
        ["safe", "safe", "unsafe", "safe", "unsure"],
        ["unsure", "unsafe", "unsure", "safe", "safe"],
        ["skipped"] * 5,
        ["unsafe", "unsafe", "unsafe", "unsafe", "unsafe"],
        ["safe", "safe", "safe", "safe", "safe"],
    ]
    assert [form.revealed for form in (*ann, *ben)] == [True, False, True, True, False]
    assert all(0 < form.lead_time < 60 for form in forms)
    assert [[vote.rule for vote in form.votes] for form in ann[:1]] == [["", "", "R2", "", ""]]
    assert [form.votes[0].looks_natural for form in (*ann, *ben)] == [True, None, None, False, None]
    entries = [entry for entry in entries_of(next(tmp_path.glob("*.jsonl"))) if isinstance(entry, Pulled)]
    assert [entry.note for entry in entries][:2] == ["is 12e a sign?", ""]
    assert orders == [list(policy_order(image_id, IDS)) for image_id in QUEUE[:2]]


def ann_labels(ann: Rater, shots: Path) -> list[list[str]]:
    """Veiled, revealed, answered with a rule and a note; answered under the veil; skipped after a look."""
    assert "Content warning" in ann.start(TITLE)
    ann.screenshot(shots / "veiled.png")
    orders = [ann.shown_order()]
    colour, edges = ann.colour_and_edges()
    ann.press("b")
    ann.page.wait_for_timeout(300)
    bare_colour, bare_edges = ann.colour_and_edges()
    assert colour < 1 < 30 < bare_colour
    assert edges < bare_edges / 3

    ann.press("12e4")
    ann.page.keyboard.press("Control+Enter")
    ann.page.wait_for_selector("text=Please answer L5")
    ann.page.keyboard.press("Escape")
    ann.press("gy")
    card = ann.page.locator(".sb-of-L3")
    card.locator(".sb-rule button").click()
    ann.page.get_by_role("option", name="R2 Tobacco").click()
    card.get_by_text("Policy text").click()
    card.locator(".ant-collapse-header", has_text="R2 Tobacco").click()
    card.get_by_text("R2. Tobacco: images that show").wait_for()
    ann.page.locator(".sb-note textarea").fill("is 12e a sign?")
    ann.screenshot(shots / "revealed.png")
    ann.page.locator("button:has-text('Submit')").first.focus()
    ann.submit()

    assert ann.colour_and_edges()[0] < 1  # the next image is veiled again
    orders.append(ann.shown_order())
    ann.press("1qaw3d45")  # minds change: the last key of a policy counts
    ann.submit()
    ann.press("b")  # seen and then skipped: seen all the same
    ann.skip()
    assert ann.bare_frames() == 0
    return orders


def ben_labels(ben: Rater, shots: Path) -> None:
    """All unsafe after a look, all safe without one; then the table of tasks, which shows no picture."""
    ben.start(TITLE)
    ben.press("bqwertn")
    ben.submit()
    ben.press("12345")
    ben.submit()
    assert ben.bare_frames() == 0
    ben.page.goto(ben.page.url.split("?")[0])
    ben.page.wait_for_selector(f"text={QUEUE[0]}")
    ben.page.wait_for_timeout(500)
    ben.screenshot(shots / "datamanager.png")
    ben.page.click("[aria-label='Switch to grid view']")
    ben.page.wait_for_timeout(500)
    ben.screenshot(shots / "grid.png")
    assert ben.page.locator("canvas").count() == 0
    assert ben.bare_frames() == 0


def test_both_kinds_of_tokens_open_the_server(client: Client, server: Server) -> None:
    personal: str = client.post("/api/token/", {}).json()["token"]
    assert personal.count(".") == 2
    assert len(server.token) == 40
    for token in (personal, server.token):
        with connect(server.url, token) as other:
            assert "admin@annotation.invalid" in {user.email for user in other.users()}


def test_what_changes_on_the_server_changes_in_the_next_pull(client: Client, tmp_path: Path) -> None:
    title = "Changes"
    pushed(client, title)
    raters = [SimulatedRater(number) for number in (1, 2)]
    assert simulate(client, title, TRUTH, raters).posted == 12
    project = client.project(title)
    assert pull(client, project, tmp_path) == PullReport(new=12, changed=0, withdrawn=0, orphaned=0)

    tasks = list(client.tasks(project, answers=True))
    client.delete(f"/api/annotations/{tasks[0].annotations[0].id}/")
    client.patch(f"/api/annotations/{tasks[1].annotations[0].id}/", {"result": []})
    client.delete(f"/api/users/{tasks[2].annotations[1].user_id}/")
    client.delete(f"/api/tasks/{tasks[3].id}/")
    assert pull(client, project, tmp_path) == PullReport(new=0, changed=1, withdrawn=1, orphaned=2)
    assert pull(client, project, tmp_path) == PullReport(0, 0, 0, 0)

    forms = pulled_forms(tmp_path, title)
    assert len(forms) == 10  # of twelve: one taken back, one emptied
    assert sorted({form.rater for form in forms}) == ["r-sim001", "r-sim002"]
    assert len({form.image_id for form in forms}) == 6


def test_a_task_asked_of_more_raters_comes_back_into_the_queue(client: Client) -> None:
    title = "More raters"
    push(client, title, ALBUM.pictures[:2], ALBUM.read, POLICIES, votes=1)
    simulate(client, title, TRUTH, [SimulatedRater(1)])
    project = client.project(title)
    with pytest.raises(AnnotationError, match="There are no tasks"):
        next_task(client, title)
    first = next(iter(client.tasks(project)))
    assert ask_further(client, project, {first.image_id: 1}) == 1
    assert ask_further(client, project, {first.image_id: 1}) == 0
    assert next_task(client, title) == first.id


def next_task(client: Client, title: str) -> int:
    """What Label Studio would show the administrator next."""
    number: int = client.get(f"/api/projects/{client.project(title).id}/next").json()["id"]
    return number


def test_an_adjudicator_finds_the_images_and_nobodys_votes(client: Client) -> None:
    pushed(client, "Disputes")
    simulate(client, "Disputes", TRUTH, [SimulatedRater(1)])
    title = adjudication_title("Disputes")
    push(client, title, ALBUM.pictures[:2], ALBUM.read, POLICIES, votes=1)
    tasks = list(client.tasks(client.project(title), answers=True))
    assert [task.annotations for task in tasks] == [(), ()]
    assert {task.image_id for task in tasks} == {picture.image_id for picture in ALBUM.pictures[:2]}


def test_simulated_votes_go_through_and_settle(client: Client, tmp_path: Path) -> None:
    title = "Simulated"
    pushed(client, title)
    raters = [SimulatedRater(n, false_alarm=0, miss=0, unsure=0) for n in (1, 2, 3)]
    assert simulate(client, title, TRUTH, raters).posted == 18
    assert simulate(client, title, TRUTH, raters).already_there == 18
    votes = latest(pulled(client, tmp_path, title))
    assert {vote.label_source for vote in votes} == {"simulated"}
    items = [Item(image_id, "pair", "original") for image_id in ALBUM.bytes_of]
    rows = settle(votes, items, POLICIES)
    assert {(row.image_id, row.policy_id): Ruling(row.safety_label, row.rules) for row in rows} == TRUTH  # type: ignore[arg-type]
    assert [row.alpha for row in agreement_table(votes)] == [None, 1.0, 1.0, 1.0, 1.0]
