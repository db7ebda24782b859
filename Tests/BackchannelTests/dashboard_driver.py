"""Uses the dashboard in a real browser as people do, and holds what they see against what the interface answers.

    dashboard_driver.py URL ADMIN_KEY API_KEY SECRET STORY

Prints one line a case: "ok NAME", or "FAILED NAME: why".
"""

import csv
import datetime
import glob
import hashlib
import hmac
import io
import json
import os
import random
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import zoneinfo

from browser import Browser

URL, ADMIN, API_KEY, SECRET, STORY = sys.argv[1:6]
MESSAGES = "/api/v1/webhooks/getstream/messages"
STORY_RANGE = "from=2026-05-01&to=2026-05-20&zone=UTC"
HOSTILE = {
    "markup": "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>",
    "direction": "invoice \u202egpj.exe\u202c \u200bsent\u2066 today",
    "long": "word " * 2000,
    "wide": "W" * 10_000,
    "formula": '=HYPERLINK("http://evil.example";"click")',
    "plus": "+1+1\tx, \"quoted\"\nsecond line",
}


# MARK: The service


def call(method, path, body=None, key=ADMIN):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"Authorization": f"Bearer {key}"}, method=method)
    with urllib.request.urlopen(request) as answer:
        content = answer.read()
        return json.loads(content) if "json" in answer.headers["Content-Type"] else content.decode()


def get(path, **query):
    return call("GET", f"{path}?{urllib.parse.urlencode(query)}" if query else path)


def deliver(body, signature=None):
    signature = signature or hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Signature": signature, "X-Api-Key": API_KEY}
    try:
        urllib.request.urlopen(urllib.request.Request(f"{URL}/api/v1/webhooks/getstream", body, headers)).close()
    except urllib.error.HTTPError as refusal:
        refusal.close()


NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def message(name, text, user="mallory", seconds_ago=600):
    at = (NOW - datetime.timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", ".000Z")
    sender = {"id": user, "name": f"<b>{user}</b>"}
    return json.dumps(
        {
            "type": "message.new", "cid": "messaging:bazaar", "created_at": at, "user": sender, "team": "<i>night</i>",
            "message": {
                "id": name, "text": text, "type": "regular", "cid": "messaging:bazaar", "created_at": at,
                "updated_at": at, "user": sender,
            },
        }
    ).encode()


def drained():
    """Waits until everything accepted is stored: each look is an answer of the service."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        figures = get("/metrics")
        if "\nbackchannel_queue_events 0.0" in figures and "\nbackchannel_queue_parked 0.0" in figures:
            return
    raise TimeoutError("the queue did not empty")


def prepare():
    with open(STORY, "rb") as story:
        for line in story:
            deliver(line.rstrip(b"\n"))
    for index, (name, text) in enumerate(HOSTILE.items()):
        deliver(message(f"hostile-{name}", text, seconds_ago=900 - 10 * index))
    deliver(json.dumps({"type": "message.new", "message": {"id": "x" * 2000, "text": "unstorable"}}).encode())
    for number in range(3):
        deliver(b'{"type":"message.new","n":%d}' % number, signature="0" * 64)
    deliver(b'{"type":"message.new"}', signature="not hexadecimal")
    drained()
    report = {"message": "hostile-markup", "reporter": "nora", "reason": "=1+1 <i>odd</i>", "severity": "high", "label": "scam"}
    call("POST", "/api/v1/reports", report)
    ban = {"user": "mallory", "moderator": "mod-7", "channel": "messaging:bazaar", "minutes": 60, "reason": "insults"}
    call("POST", "/api/v1/bans", ban)


# MARK: The page


def go(page, fragment):
    """Opens a view, and waits until it has loaded."""
    page.run(f"location.hash = {json.dumps('#/' + fragment)}")
    settled(page)


def settled(page):
    page.wait("document.querySelector('main')?.dataset.view === location.hash && !document.querySelector('[aria-busy=true]')")


def sign_in(page, key):
    page.wait("document.querySelector('input[type=password]')")
    page.type("input[type=password]", key)
    page.press("Enter")


def stranger(browser):
    """A tab that shares no cookie with the others."""
    return browser.page(context=browser.call("Target.createBrowserContext")["browserContextId"])


def texts(page, selector):
    return page.run(f"[...document.querySelectorAll({json.dumps(selector)})].map(element => element.innerText.trim())")


def saved(page, folder, click):
    """The file that a click saves."""
    before = set(glob.glob(f"{folder}/*"))
    page.run(click)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        new = [path for path in set(glob.glob(f"{folder}/*")) - before if not path.endswith(".crdownload")]
        if new and os.path.getsize(new[0]):
            with open(new[0], encoding="utf-8", newline="") as file:
                return list(csv.reader(io.StringIO(file.read(), newline="")))
        page.run("new Promise(go => setTimeout(go, 10))")
    raise TimeoutError("nothing was saved")


# MARK: The cases


def a_wrong_key_opens_nothing(browser, _):
    page = stranger(browser)
    page.open(f"{URL}/dashboard")
    sign_in(page, "bc_000000000000_" + "0" * 64)
    page.wait("document.querySelector('.note.bad')")
    assert "unknown or was revoked" in texts(page, ".note.bad")[0]
    assert page.run("!document.querySelector('.frame')")
    page.close()


def the_key_stays_out_of_reach(browser, page):
    assert page.run("document.cookie") == ""
    assert page.run("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])").count(ADMIN) == 0
    assert ADMIN not in page.run("location.href + document.documentElement.outerHTML")
    [cookie] = [cookie for cookie in page.call("Network.getCookies")["cookies"]] or page.call("Network.getCookies", {"urls": [f"{URL}/api/v1/session"]})["cookies"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and ADMIN not in cookie["value"], cookie


def the_first_view_is_light(browser, page):
    sizes = [event["encodedDataLength"] for event in browser.events(page.session, "Network.loadingFinished")]
    assert len(sizes) > 10 and sum(sizes) < 300_000, (len(sizes), sum(sizes))


# Days on which the story has something to tell, as a view and as a query.
FIGURES = "from=2026-05-04&to=2026-05-12&zone=Europe/Vienna"
ASKED = {"from": "2026-05-04", "to": "2026-05-12", "timeZone": "Europe/Vienna"}
ANALYTICS = "/api/v1/analytics"


def shown_as(value, unit):
    """As the page writes it."""
    if value is None:
        return "–"
    if unit == "share":
        percent = value * 100
        return f"{percent:.1f} %" if percent != 0 and abs(percent) < 10 else f"{int(percent + 0.5)} %"
    if unit == "seconds":
        return span(value)
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value != int(value) and abs(value) < 100 else f"{value:,.0f}"


def span(seconds):
    if seconds == 0:
        return "0 s"
    if seconds < 0.0995:
        return f"{seconds * 1000:.{1 if seconds < 0.00995 else 0}f} ms"
    if seconds < 10:
        return f"{int(seconds)} s" if seconds == int(seconds) else f"{seconds:.1f} s"
    units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    first = next(index for index, (_, size) in enumerate(units) if seconds >= size)
    if first == 3:
        return f"{int(seconds + 0.5)} s"
    (name, size), (next_name, next_size) = units[first : first + 2]
    rest = int((seconds - seconds // size * size) // next_size)
    return f"{int(seconds // size)} {name}" + (f" {rest} {next_name}" if rest else "")


def catalogue():
    return {metric["name"]: metric for metric in get(f"{ANALYTICS}/metrics")["data"]}


TILES = {
    "conversations": {"Begun": "conversations-started", "Two-sided": "conversations-two-sided", "Messages in each": "conversation-length", "They last, half within": "conversation-longevity", "Unanswered now": "unanswered"},
    "people": {"Active": "active-users", "New": "new-users", "Came back": "returning-users", "Messages each": "messages-per-user", "Began to chat": "adoption", "New connections": "new-connections"},
    "channels": {"Messages": "messages", "Offers": "offers", "Members who wrote": "participation"},
    "response": {"First response, half within": "first-response", "A reply, half within": "reply-time", "Read, half within": "read-latency"},
}


def tiles_are_those_of_the_interface(_, page):
    known, looked = catalogue(), 0
    for name, tiles in TILES.items():
        go(page, f"{name}?{FIGURES}")
        shown = dict(zip(texts(page, ".tile .name"), texts(page, ".tile .value")))
        for title, metric in tiles.items():
            assert (title in shown) == (metric in known), (name, title, shown)
            if metric not in known:
                continue
            answer = get(f"{ANALYTICS}/{metric}", **ASKED)
            value = answer["data"][0]["value"] if len(answer["data"]) == 1 else answer["total"]
            wanted = shown_as(value, known[metric]["unit"])
            assert shown[title] == wanted, (name, title, shown[title], value)
            looked += 1
    assert looked >= 12, looked


def what_is_stored_appears_at_once(_, page):
    go(page, "overview")
    page.wait("document.querySelector('[aria-label=Live]').innerText.includes('Connected')")
    deliver(message("live", "now", user="live-user", seconds_ago=0))
    page.wait("document.querySelector('.feed li')?.innerText.includes('live-user')")
    assert "message new" in texts(page, ".feed li")[0] and "messaging:bazaar" in texts(page, ".feed li")[0]


def table_of(page, label):
    return page.run(f"[...document.querySelectorAll('[aria-label={json.dumps(label)}] tbody tr')].map(row => [...row.children].map(cell => cell.textContent))")


def charts_and_ranks_are_those_of_the_interface(_, page):
    go(page, f"overview?{FIGURES}")
    page.wait("document.querySelector('.plot canvas')?.width > 0 && window.Chart")
    by_day = get(f"{ANALYTICS}/messages", **ASKED, interval="day")["data"]
    assert [row[1] for row in table_of(page, "Messages by day")] == [str(row["value"]) for row in by_day]
    # A day leads to its messages.
    day = page.run("document.querySelector('[aria-label=\"Messages by day\"] tbody a').getAttribute('href')")
    assert "from=2026-05-04&to=2026-05-04" in day and day.startswith("#/messages"), day
    drawn = page.run("[...document.querySelectorAll('canvas')].map(canvas => Chart.getChart(canvas)).find(chart => chart.config.type === 'bar').data.datasets[0].data")
    assert drawn == [row["value"] for row in by_day] and sum(drawn) > 90
    cells = page.run("[...document.querySelectorAll('.heat.hours tbody td')].map(cell => cell.textContent)")
    hours = {row["group"]: row["value"] for row in get(f"{ANALYTICS}/messages", **ASKED, groupBy="weekdayHour", limit=168)["data"]}
    assert cells == [f"{hours.get(f'{day}-{hour:02}', 0)} messages" for day in range(1, 8) for hour in range(24)]
    go(page, f"channels?{FIGURES}&by=listing")
    ranks = get(f"{ANALYTICS}/messages", **ASKED, groupBy="listing", limit=50)["data"]
    assert [row[:2] for row in table_of(page, "Listings by messages")] == [[row["group"] or "none", str(row["value"])] for row in ranks]
    teams_and_members_are_ranked(page)
    go(page, f"people?{FIGURES}&cohorts=day")
    cohorts = [row for row in get(f"{ANALYTICS}/cohorts", **ASKED, interval="day")["data"] if row["size"]]
    assert [row[1] for row in table_of(page, "Cohorts by day")] == [str(row["size"]) for row in cohorts] and cohorts


def teams_and_members_are_ranked(page):
    today = NOW.date()
    days = {"from": f"{today - datetime.timedelta(days=1)}", "to": f"{today + datetime.timedelta(days=1)}", "timeZone": "UTC"}
    go(page, f"channels?from={days['from']}&to={days['to']}&zone=UTC&by=team")
    teams = get(f"{ANALYTICS}/messages", **days, groupBy="team")["data"]
    assert [row["group"] for row in teams] == ["<i>night</i>"] and teams[0]["value"] >= len(HOSTILE), teams
    assert [row[:2] for row in table_of(page, "Teams by messages")] == [[row["group"], str(row["value"])] for row in teams]
    go(page, f"channels?{FIGURES}&by=channel&measure=participation")
    shares = get(f"{ANALYTICS}/participation", **ASKED, groupBy="channel", limit=50)["data"]
    assert shares and [row[:2] for row in table_of(page, "Channels by members who wrote")] == [[row["group"], shown_as(row["value"], "share")] for row in shares], shares


def figures_say_how_they_are_computed(_, page):
    go(page, f"people?{FIGURES}")
    metric = catalogue()["adoption"]
    page.run(f"document.querySelector('[aria-label=\"How is {metric['title']} computed?\"]').click()")
    page.wait("document.querySelector('.explanation:popover-open')")
    shown = page.run("document.querySelector('.explanation:popover-open').innerText")
    assert metric["definition"] in shown and metric["unit"] in shown, shown
    page.press("Escape")
    page.wait("!document.querySelector('.explanation:popover-open')")


def an_export_of_figures_is_what_is_shown(browser, page):
    with tempfile.TemporaryDirectory() as folder:
        browser.call("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
        go(page, f"channels?{FIGURES}&by=channel")
        head, *rows = saved(page, folder, "[...document.querySelectorAll('main a[download]')].at(-1).click()")
        column = head.index("group")
        shown = table_of(page, "Channels by messages")
        assert [[row[column], row[head.index("value")]] for row in rows if row[column]] == [row[:2] for row in shown if row[0] != "none"]


def messages_are_those_of_the_interface(_, page):
    go(page, f"messages?{STORY_RANGE}")
    answer = get(MESSAGES, **{"from": "2026-05-01T00:00:00Z", "to": "2026-05-21T00:00:00Z", "limit": 50})
    shown = page.run("[...document.querySelectorAll('article.message')].map(one => [one.querySelector('strong').innerText, one.querySelector('time').dateTime, one.querySelector('.written:not(strong *)')?.innerText])")
    wanted = [[item["sender_id"]["display_name"] or item["sender_id"]["_id"], item["createdAt"], item["text"]] for item in answer["data"]]
    assert shown == wanted, (shown[:2], wanted[:2])
    assert f"of {answer['total']}" in page.run("document.querySelector('main').innerText")


def filters_narrow_and_can_be_shared(_, page):
    go(page, f"messages?{STORY_RANGE}")
    page.type("input[name=listing]", "1042")
    page.press("Enter")
    page.wait("location.hash.includes('listing=1042')")
    settled(page)
    page.run("const order = document.querySelector('select[name=order]'); order.value = 'oldest'; order.dispatchEvent(new Event('change'))")
    page.wait("location.hash.includes('order=oldest')")
    settled(page)
    answer = get(MESSAGES, **{"from": "2026-05-01T00:00:00Z", "to": "2026-05-21T00:00:00Z", "listing": "1042", "order": "oldest", "limit": 50})
    wanted = [item["createdAt"] for item in answer["data"]]
    shown = "[...document.querySelectorAll('article.message time')].map(time => time.dateTime)"
    assert page.run(shown) == wanted
    page.call("Page.reload")
    page.wait("document.querySelector('article.message')")
    settled(page)
    assert page.run(shown) == wanted and page.run("document.querySelector('input[name=listing]').value") == "1042"


def hostile_texts_are_only_text(_, page):
    go(page, "messages?channel=messaging:bazaar&range=7d&zone=UTC")
    assert page.run("window.pwned === undefined && !document.querySelector('main img, main script, main article b')")
    shown = page.run("document.querySelector('main').innerText")
    for text in (HOSTILE["markup"], "<b>mallory</b>", HOSTILE["formula"]):
        assert text in shown, text
    # Turned text is in its own order, and what would turn it is seen.
    assert "RLO" in shown and "ZWSP" in shown and "\u202e" not in shown, shown
    assert page.run("[...document.querySelectorAll('.written')].every(one => getComputedStyle(one).unicodeBidi === 'isolate')")
    folded = "[...document.querySelectorAll('article')].find(one => one.innerText.includes('WWWW'))"
    assert page.run(f"{folded}.querySelector(':scope > div:last-child .written').textContent.length") < 1_000
    page.run(f"{folded}.querySelector('button').click()")
    unfolded = page.run(f"{folded}.querySelector(':scope > div:last-child .written').textContent")
    assert unfolded == HOSTILE["wide"], len(unfolded)


def an_export_is_what_is_shown(browser, page):
    with tempfile.TemporaryDirectory() as folder:
        browser.call("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
        go(page, "messages?channel=messaging:bazaar&range=7d&zone=UTC")
        head, *rows = saved(page, folder, "document.querySelector('main a[download]').click()")
        answer = get(MESSAGES, channel="messaging:bazaar", limit=50)["data"]
        assert page.run("document.querySelectorAll('article.message').length") == len(rows) == len(answer)
        for row, item in zip(rows, answer):
            cells = dict(zip(head, row))
            # A spreadsheet takes what begins so for something to compute.
            safe = "'" if item["text"][0] in "=+-@\t\r" else ""
            assert cells["id"] == item["_id"] and cells["text"] == safe + item["text"], cells["id"]


def a_message_has_its_context_and_history(_, page):
    items = get(MESSAGES, **{"from": "2026-05-01T00:00:00Z", "to": "2026-05-21T00:00:00Z", "limit": 200, "deleted": "include"})["data"]
    item = next(found for found in (get(f"{MESSAGES}/{urllib.parse.quote(one['_id'], safe='')}") for one in items) if found["edits"])
    go(page, f"messages?{STORY_RANGE}&message={urllib.parse.quote(item['_id'])}")
    detail = "document.querySelector('[aria-label=\"One message\"]')"
    shown = page.run(f"{detail}.innerText")
    assert item["text"] in shown and all(edit["text"] in shown for edit in item["edits"])
    whole = sorted((one for one in items if one["cid"] == item["cid"]), key=lambda one: one["createdAt"])
    place = [one["_id"] for one in whole].index(item["_id"])
    around = [one["createdAt"] for one in whole[max(0, place - 5) : place + 6]]
    assert page.run(f"[...{detail}.querySelectorAll('article time')].map(time => time.dateTime)") == around


def a_report_is_claimed_and_decided(_, page):
    go(page, "moderation")
    assert "high" in texts(page, ".items a")[0] and "=1+1 <i>odd</i>" in texts(page, ".items a")[0]
    page.run("localStorage.setItem('backchannel.acting', 'mod-7')")
    page.run("document.querySelector('.items a').click()")
    settled(page)
    page.wait("document.querySelector('main select[name=action]')")
    press = "[...document.querySelectorAll('main button')].find(one => one.innerText === '{}').click()"
    page.run(press.format("Claim"))
    page.wait("document.querySelector('main').innerText.includes('You hold it.')")
    assert get("/api/v1/review-queue/message:hostile-markup")["claim"]["by"] == "mod-7"
    page.type("input[name=reason]", "seen")
    page.run(press.format("Decide"))
    page.wait("document.querySelector('main').innerText.includes('Decided: dismiss')")
    item = get("/api/v1/review-queue/message:hostile-markup")
    assert item["status"] == "decided" and item["decision"]["by"] == "mod-7" and item["decision"]["reason"] == "seen", item
    page.run("localStorage.removeItem('backchannel.acting')")


def several_are_decided_and_assigned_at_once(_, page):
    """By keyboard: marked by `x` and by the space bar, decided together; what is refused stays, with the reason."""
    for number, kind in enumerate(["long", "wide", "formula"]):
        call("POST", "/api/v1/reports", {"message": f"hostile-{kind}", "reporter": f"otto-{number}", "severity": "low"})
    call("POST", "/api/v1/reports", {"user": "mallory", "reporter": "otto", "severity": "medium"})
    page.run("localStorage.setItem('backchannel.acting', 'mod-7')")
    ids = [f"message:hostile-{kind}" for kind in ["long", "wide", "formula"]]
    state = lambda id: get("/api/v1/review-queue/" + urllib.parse.quote(id, safe=""))
    go(page, "moderation?order=oldest")
    assert page.run("document.querySelectorAll('.choosable').length") == 4
    assert page.run("document.querySelector('.bulk').innerText.includes('Decision')") is False
    names = page.run("[...document.querySelectorAll('.choosable input')].map(box => box.getAttribute('aria-label'))")
    assert names == ["Mark the message by mallory"] * 3 + ["Mark the user mallory"], names

    def press_button(text):
        page.run(f"[...document.querySelectorAll('.bulk button')].find(one => one.innerText === '{text}').click()")

    # All of the page: messages and a user have other choices than messages alone.
    page.run("document.querySelector('.bulk input').focus()")
    page.press(" ")
    page.wait("document.querySelector('.bulk').innerText.includes('4 marked')")
    choices = "[...document.querySelectorAll('.bulk select[name=action] option')].map(one => one.value)"
    assert page.run(choices) == ["dismiss", "approve", "mute", "ban", "restore"]
    page.type(".bulk input[name=assign]", "mod-8")
    press_button("Assign all marked")
    page.wait("document.getElementById('said').innerText.includes('4 assigned.')")
    settled(page)
    assert all(state(id)["assignee"] == "mod-8" for id in ids)
    assert page.run("document.querySelectorAll('.choosable input:checked').length") == 0
    assert page.run("document.activeElement.closest('.bulk') !== null")
    assert all("mod-8" in text for text in texts(page, ".items a"))

    # Two by the keys of the list, one by the box itself.
    page.run("document.activeElement.blur()")
    for _ in range(2):
        page.press("j")
        settled(page)
        page.press("x")
    page.run("document.querySelectorAll('.choosable input')[2].focus()")
    page.press(" ")
    page.wait("document.querySelector('.bulk').innerText.includes('3 marked')")
    assert "delete" in page.run(choices)
    # Somebody else was faster with one of them.
    call("POST", "/api/v1/review-queue/" + urllib.parse.quote(ids[0], safe="") + "/claim", {"moderator": "mod-9"})
    page.type(".bulk input[name=reason]", "all the same")
    press_button("Decide about all marked")
    page.wait("document.getElementById('said').innerText.includes('2 decided, 1 not: mod-9 has claimed')")
    settled(page)
    assert [state(id)["status"] for id in ids] == ["claimed", "decided", "decided"]
    assert {state(id)["decision"]["reason"] for id in ids[1:]} == {"all the same"}
    assert "mod-9 has claimed" in page.run("document.querySelector('.refused').innerText")
    assert page.run("document.querySelectorAll('.choosable input:checked').length") == 1
    page.run("localStorage.removeItem('backchannel.acting')")


def decisions_of_rules_are_explained(_, page):
    go(page, "moderation?tab=decisions")
    answer = get("/api/v1/decisions")["data"]
    assert page.run("[...document.querySelectorAll('article time')].map(time => time.dateTime)") == [one["at"] for one in answer]
    page.run("document.querySelector('article details').open = true")
    page.wait("document.querySelector('article .conditions')")
    rules = get(f"/api/v1/decisions/{urllib.parse.quote(answer[0]['_id'], safe='')}/explain")["rules"]
    assert texts(page, "article:first-child details details > summary code") == [rule["rule"] for rule in rules]


def deliveries_are_told_with_their_causes(_, page):
    go(page, "deliveries?tab=rejections")
    wanted = {cause: str(count) for cause, count in get("/api/v1/rejections")["by_cause"].items() if count}
    rows = page.run("[...document.querySelectorAll('[aria-label=\"By cause\"] tbody tr')].map(row => [...row.children].map(cell => cell.innerText))")
    assert {cause: count for cause, count, _ in rows} == wanted and len(wanted) == 2, (rows, wanted)
    assert all(advice for _, _, advice in rows)
    go(page, "deliveries")
    [effect] = [one for one in get("/api/v1/effects")["data"] if one["action"] == "ban"]
    page.run("[...document.querySelectorAll('.items a')].find(one => one.innerText.includes('ban')).click()")
    page.wait("document.querySelector('[aria-label=\"One effect\"] .timeline')")
    timeline = get("/api/v1/effects/" + urllib.parse.quote(effect["_id"], safe=""))["timeline"]
    assert texts(page, ".timeline li strong") == [step["what"] for step in timeline]


def a_dead_letter_is_read_and_retried(_, page):
    go(page, "deliveries?tab=dead-letters")
    [letter] = get("/api/v1/dead-letters")["data"]
    assert letter["reason"] in texts(page, ".items a")[0]
    page.run("document.querySelector('.items a').click()")
    page.wait("document.querySelector('pre.raw')")
    assert "unstorable" in page.run("document.querySelector('pre.raw').textContent") or "more characters" in page.run("document.querySelector('[aria-label=\"One dead letter\"]').innerText")
    page.run("[...document.querySelectorAll('main button')].find(one => one.innerText.includes('into the queue')).click()")
    page.wait("document.getElementById('said').innerText.includes('in the queue again')")
    drained()
    # It fails as before, and is a dead letter again, of a later time.
    assert get("/api/v1/dead-letters")["data"][0]["at"] >= letter["at"]


def the_system_is_as_it_says(_, page):
    go(page, "system")
    page.wait("document.querySelector('.tile')")
    ready = get("/readyz")
    tiles = dict(zip(texts(page, ".tile .name"), texts(page, ".tile .value")))
    assert tiles["Accepts events"] == ("Yes" if ready["accepting"] else "No")
    assert tiles["In the queue"] == str(ready["queue"]["rows"]) == "0"
    system = get("/api/v1/system")
    assert tiles["Dead letters"] == str(system["failures"]["dead_letters"])
    rows = dict(table_of(page, "What happened"))
    for cause, count in system["failures"]["rejected_by_cause"].items():
        assert not count or rows[f"Delivery refused: {cause}"] == str(count), rows
    effects = {(row["destination"], row["state"]): str(row["count"]) for row in system["outbox"]}
    assert {(row[0], row[1]): row[2] for row in table_of(page, "Outbox")} == effects


def the_limits_of_the_provider_are_shown(_, page):
    go(page, "system")
    page.wait("document.querySelector('[aria-label=\"Limits of the provider\"]')")
    # No call is made here: three lines in the answer stand in for a provider that was called.
    page.run("""(() => {
      const real = window.fetch;
      const limits = [
        {endpoint: 'Ban', limit: 300, remaining: 300, resets: null, confirmed: false, under_way: 1, paused_until: null},
        {endpoint: 'SendMessage', limit: 1000, remaining: 0, resets: '2099-01-01T00:01:00Z', confirmed: true, under_way: 0, paused_until: null},
        {endpoint: 'UpdateUsers', limit: null, remaining: null, resets: null, confirmed: false, under_way: 0, paused_until: '2099-01-01T00:00:25Z'},
      ];
      window.fetch = async (path, options) => {
        if (path !== '/api/v1/system') return real(path, options);
        const system = await (await real(path, options)).json();
        return Response.json({...system, at: '2099-01-01T00:00:18Z', provider_limits: limits});
      };
      window.unstubbed = () => { window.fetch = real; };
    })()""")
    go(page, "overview")
    go(page, "system")
    page.wait("document.querySelector('[aria-label=\"Limits of the provider\"] table')")
    assert table_of(page, "Limits of the provider") == [
        ["Ban", "300 as documented", "300", "–", "1"], ["SendMessage", "1,000", "0", "in 42 s", "0"],
        ["UpdateUsers", "none named", "–", "paused for 7 s", "0"],
    ], table_of(page, "Limits of the provider")
    page.run("window.unstubbed()")


PAGES = [
    "overview", "conversations", "people", "channels", "response", f"messages?{STORY_RANGE}",
    "messages?channel=messaging:bazaar&range=7d&message=hostile-wide", "moderation?status=decided",
    "moderation", "moderation?tab=decisions", "deliveries", "deliveries?tab=events", "deliveries?tab=rejections",
    "deliveries?tab=dead-letters", "deliveries?tab=destinations", "system",
]


# Of these each has something that the others have not.
LOOKS = [
    f"overview?{FIGURES}", f"people?{FIGURES}", "messages?channel=messaging:bazaar&range=7d&message=hostile-wide",
    "moderation?status=decided&item=message:hostile-markup", "moderation", "moderation?tab=decisions", "deliveries",
    "deliveries?tab=rejections",
]


def pages_fit_a_phone(_, page):
    page.size(390, 844)
    for fragment in PAGES:
        go(page, fragment)
        assert page.run("document.documentElement.scrollWidth") <= 390, fragment
    page.run("document.querySelector('.menu').click()")
    assert page.run("getComputedStyle(document.querySelector('.places')).display") != "none"
    page.size(1280, 900)


# Text against its ground, by WCAG 2.2's formula; grounds that are a little transparent lie over those behind them.
CONTRAST = """(() => {
  const known = new Map();
  const parse = text => { if (!known.has(text)) known.set(text, paint(text)); return known.get(text); };
  const paint = text => { const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true}); c.fillStyle = text; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = element => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
  const seen = new Set(), faults = [];
  for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) || !element.checkVisibility() || element.closest('.sr, option, [disabled]')) continue;
    const style = getComputedStyle(element), back = ground(element);
    const key = style.color + back; if (seen.has(key)) continue; seen.add(key);
    const [one, other] = [light(parse(style.color)), light(back)].sort((a, b) => b - a);
    const ratio = (one + .05) / (other + .05);
    if (ratio < 4.5) faults.push(ratio.toFixed(2) + ' ' + element.tagName + '.' + element.className + ': ' + element.innerText.slice(0, 30));
  }
  return faults;
})()"""


def text_can_be_read_in_both_colours(_, page):
    for scheme in ("light", "dark"):
        page.colours(scheme)
        for fragment in LOOKS:
            go(page, fragment)
            faults = page.run(CONTRAST)
            assert not faults, (scheme, fragment, faults)
    page.colours("light")


CONTROLS = {"button", "link", "textbox", "combobox", "checkbox", "searchbox", "spinbutton", "DisclosureTriangle", "image", "dialog"}


def everything_has_a_name(_, page):
    for fragment in PAGES:
        go(page, fragment)
        nodes = page.call("Accessibility.getFullAXTree")["nodes"]
        nameless = [
            node["role"]["value"] for node in nodes
            if not node.get("ignored") and node.get("role", {}).get("value") in CONTROLS and not node.get("name", {}).get("value")
        ]
        assert not nameless, (fragment, nameless)
        assert page.run("document.querySelectorAll('h1').length === 1 && document.querySelectorAll('main').length === 1"), fragment


def the_keyboard_leads_everywhere(_, page):
    go(page, "overview")
    page.run("document.activeElement.blur()")
    page.press("g")
    page.press("m")
    page.wait("location.hash.startsWith('#/messages')")
    settled(page)
    assert page.run("document.activeElement.id") == "main"
    page.press("/")
    assert page.run("document.activeElement.closest('.fields') !== null")
    page.run("document.activeElement.blur()")
    page.press("?")
    page.wait("document.querySelector('dialog[open]')")
    page.press("Escape")
    page.wait("!document.querySelector('dialog')")


def days_begin_as_elsewhere(_, page):
    """Days of zones with half hours, and such as change their clocks at midnight, against another implementation."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    zones = ["UTC", "Europe/Vienna", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Auckland", "America/Santiago", "Africa/Cairo"]
    days = [(datetime.date(2015, 1, 1) + datetime.timedelta(days=chance.randrange(4200)), chance.choice(zones)) for _ in range(400)]
    days += [(datetime.date(2017, 10, 15), "America/Sao_Paulo"), (datetime.date(2023, 3, 26), "Asia/Beirut"), (datetime.date(2023, 4, 28), "Africa/Cairo")]
    asked = [[day.isoformat(), zone] for day, zone in days]
    found = page.run(f"import('/dashboard/zone.js').then(zone => {json.dumps(asked)}.map(([day, name]) => zone.startOfDay(day, name)))")
    for (day, name), instant in zip(days, found):
        zone = zoneinfo.ZoneInfo(name)
        local = datetime.datetime.fromtimestamp(instant / 1000, zone)
        before = datetime.datetime.fromtimestamp(instant / 1000 - 1, zone)
        assert local.date() == day and before.date() < day, (seed, day, name, local)


def a_view_keeps_its_zone_and_range(_, page):
    go(page, "messages?from=2026-05-05&to=2026-05-05&zone=Asia/Kathmandu")
    answer = get(MESSAGES, **{"from": "2026-05-04T18:15:00Z", "to": "2026-05-05T18:15:00Z", "limit": 50})
    assert page.run("[...document.querySelectorAll('article.message time')].map(time => time.dateTime)") == [one["createdAt"] for one in answer["data"]]
    first = datetime.datetime.fromisoformat(answer["data"][0]["createdAt"]).astimezone(zoneinfo.ZoneInfo("Asia/Kathmandu"))
    assert first.strftime("%H:%M:%S") in texts(page, "article.message time")[0]


def a_revoked_key_ends_its_session(browser, _):
    made = call("POST", "/api/v1/keys", {"name": "a reader", "role": "analyst"})
    page = stranger(browser)
    page.open(f"{URL}/dashboard#/messages?{STORY_RANGE}")
    sign_in(page, made["key"])
    page.wait("document.querySelector('article.message')")
    # What a reader may not see is not offered.
    places = texts(page, ".places a")
    assert "Messages" in places and "Moderation" not in places and "Deliveries" not in places, places
    call("DELETE", f"/api/v1/keys/{made['_id']}")
    page.run("location.hash = '#/messages?range=7d'")
    page.wait("document.querySelector('input[type=password]')")
    page.close()


def signing_out_ends_it(_, page):
    page.run("[...document.querySelectorAll('.who button')].find(one => one.innerText === 'Sign out').click()")
    page.wait("document.querySelector('input[type=password]')")
    assert page.call("Network.getCookies", {"urls": [f"{URL}/api/v1/session"]})["cookies"] == []
    page.call("Page.reload")
    page.wait("document.querySelector('input[type=password]')")


def what_cannot_be_told_yet_is_asked_for_again(_, page):
    page.run("""(() => {
        const fetched = window.fetch;
        const problem = JSON.stringify({ detail: "It is being read now: ask again." });
        const headers = { "Content-Type": "application/problem+json", "Retry-After": "1" };
        let left = 2;
        window.fetch = (path, options) => path.includes("groupBy=user") && left-- > 0
            ? Promise.resolve(new Response(problem, { status: 503, headers })) : fetched(path, options);
        window.stopRefusing = () => { window.fetch = fetched; return left; };
    })()""")
    go(page, f"response?{FIGURES}")
    page.wait("document.querySelector('.failed')?.innerText.includes('being read now')")
    page.wait("!document.querySelector('.failed')")
    left = page.run("window.stopRefusing()")
    assert left < 0, left


def the_console_is_silent(_, page):
    assert page.faults() == [], page.faults()


CASES = [
    a_wrong_key_opens_nothing, the_key_stays_out_of_reach, the_first_view_is_light, tiles_are_those_of_the_interface,
    charts_and_ranks_are_those_of_the_interface, what_is_stored_appears_at_once, figures_say_how_they_are_computed,
    an_export_of_figures_is_what_is_shown, messages_are_those_of_the_interface,
    filters_narrow_and_can_be_shared, hostile_texts_are_only_text, an_export_is_what_is_shown,
    a_message_has_its_context_and_history, a_report_is_claimed_and_decided,
    several_are_decided_and_assigned_at_once, decisions_of_rules_are_explained,
    deliveries_are_told_with_their_causes, a_dead_letter_is_read_and_retried, the_system_is_as_it_says,
    the_limits_of_the_provider_are_shown,
    pages_fit_a_phone, text_can_be_read_in_both_colours, everything_has_a_name, the_keyboard_leads_everywhere,
    days_begin_as_elsewhere, a_view_keeps_its_zone_and_range, what_cannot_be_told_yet_is_asked_for_again, a_revoked_key_ends_its_session, signing_out_ends_it,
    the_console_is_silent,
]


def main():
    prepare()
    browser = Browser()
    try:
        page = browser.page()
        page.open(f"{URL}/dashboard")
        sign_in(page, ADMIN)
        page.wait("document.querySelector('.frame')")
        settled(page)
        for case in CASES:
            try:
                case(browser, page)
                print(f"ok {case.__name__}", flush=True)
            except Exception as fault:
                lines = [line.strip() for line in traceback.format_exc().splitlines() if ", line " in line]
                print(f"FAILED {case.__name__}: {type(fault).__name__} {fault} {lines[-1:]}".replace("\n", " "), flush=True)
    finally:
        browser.close()


main()
