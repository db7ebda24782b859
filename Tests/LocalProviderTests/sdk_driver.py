"""Drives a local provider with the provider's official Python library and checks what it answers.

usage: sdk_driver.py URL API_KEY API_SECRET

Prints "ok NAME" or "failed NAME: why" for each scenario; ends with 1 if any failed.
"""
import sys
import time
import traceback

import jwt
import requests
from stream_chat import StreamChat
from stream_chat.base.exceptions import StreamAPIException

url, key, secret = sys.argv[1:4]
client = StreamChat(api_key=key, api_secret=secret, base_url=url)
scenarios = []


def scenario(function):
    scenarios.append(function)
    return function


def equal(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def refused(call, status, code, text=""):
    """Checks that a call raises what the library makes of an error answer."""
    try:
        answer = call()
    except StreamAPIException as error:
        assert error.json_response, error.response_text
        equal((error.status_code, error.error_code), (status, code))
        assert text in error.error_message, error.error_message
        return error
    raise AssertionError(f"not refused: {answer}")


def users(*ids):
    client.upsert_users([{"id": id, "name": id.title()} for id in ids])
    return ids


def channel(id, *members, **data):
    made = client.channel("messaging", id, {"members": list(members), **data})
    made.create(members[0])
    return made


def local(method, path, **options):
    answer = requests.request(method, f"{url}/_local/{path}", timeout=10, **options)
    answer.raise_for_status()
    return answer.json()


def applied(entity):
    return {
        (count["entity"], count["operation"]): (count["calls"], count["changes"])
        for count in local("GET", "applied", params={"entity": entity})["counts"]
    }


@scenario
def users_are_replaced_as_a_whole():
    answer = client.upsert_user({"id": "u1", "name": "Ada", "role": "admin", "color": "red", "teams": ["blue"]})
    equal(answer.status_code(), 201)
    equal(answer["users"]["u1"]["color"], "red")
    assert answer["duration"].endswith("ms")
    client.upsert_user({"id": "u1", "name": "Ada L."})
    found = client.query_users({"id": {"$in": ["u1"]}})
    equal(found.status_code(), 200)
    user = found["users"][0]
    equal((user["name"], user["role"], user["teams"], "color" in user), ("Ada L.", "user", [], False))
    equal(applied("user:u1"), {("user:u1", "upsert"): (2, 2)})


@scenario
def users_are_updated_in_part():
    client.upsert_user({"id": "u2", "name": "Bob", "color": "red", "address": {"city": "Rome", "zip": "1"}})
    answer = client.update_user_partial({"id": "u2", "set": {"address.city": "Oslo"}, "unset": ["color"]})
    equal(answer.status_code(), 200)
    user = answer["users"]["u2"]
    equal((user["name"], user["address"], "color" in user), ("Bob", {"city": "Oslo", "zip": "1"}, False))
    refused(lambda: client.update_user_partial({"id": "u2", "set": {"id": "x"}}), 400, 4, "reserved")
    refused(lambda: client.update_user_partial({"id": "nobody", "set": {"a": 1}}), 404, 16)


@scenario
def a_batch_of_users_is_taken_or_refused_whole():
    batch = [{"id": f"batch-{number}"} for number in range(100)]
    equal(len(client.upsert_users(batch)["users"]), 100)
    refused(lambda: client.upsert_users(batch + [{"id": "one-more"}]), 400, 4, "100")
    refused(lambda: client.upsert_users([{"id": "good-one"}, {"id": "bad one"}]), 400, 4)
    refused(lambda: client.upsert_users([{"id": "good-one"}, {"id": "big", "text": "x" * 6000}]), 400, 4, "larger")
    equal(client.query_users({"id": {"$in": ["good-one", "one-more"]}})["users"], [])


@scenario
def users_are_deactivated_and_come_back():
    users("d1", "d2")
    equal(client.deactivate_user("d1", created_by_id="d2").status_code(), 201)
    refused(lambda: client.deactivate_user("d1"), 400, 4, "already deactivated")
    equal(client.query_users({"id": "d1"})["users"], [])
    answer = client.reactivate_user("d1", name="Dee")
    equal((answer.status_code(), answer["user"]["name"]), (201, "Dee"))
    refused(lambda: client.reactivate_user("d1"), 400, 4, "not deactivated")
    refused(lambda: client.deactivate_user("nobody"), 404, 16)


@scenario
def users_are_deleted_in_the_background():
    users("x1", "x2", "x3")
    refused(lambda: client.delete_users(["x1"], "hard"), 400, 4)
    answer = client.delete_users(["x1", "x2"], "hard", messages="hard", conversations="hard")
    equal(answer.status_code(), 201)
    deadline = time.monotonic() + 10
    task = client.get_task(answer["task_id"])
    while task["status"] != "completed" and time.monotonic() < deadline:
        task = client.get_task(answer["task_id"])
    equal((task["status"], task["result"]), ("completed", {"x1": {"status": "ok"}, "x2": {"status": "ok"}}))
    refused(lambda: client.get_task("nothing"), 404, 16)
    equal(client.delete_user("x3", mark_messages_deleted=True)["user"]["id"], "x3")
    refused(lambda: client.delete_user("x3"), 404, 16)
    equal(client.query_users({"id": {"$in": ["x1", "x2", "x3"]}})["users"], [])


@scenario
def users_are_queried_by_filter_order_and_page():
    client.upsert_users([{"id": f"q{number}", "shoe": number, "group": "q"} for number in range(1, 6)])
    found = client.query_users({"group": "q", "shoe": {"$gt": 1}}, {"shoe": -1}, limit=2, offset=1)["users"]
    equal([user["id"] for user in found], ["q4", "q3"])
    either = client.query_users({"$or": [{"id": "q1"}, {"shoe": {"$gte": 5}}], "group": "q"}, {"id": 1})["users"]
    equal([user["id"] for user in either], ["q1", "q5"])
    refused(lambda: client.query_users({"group": {"$like": "q"}}), 400, 4)
    refused(lambda: client.query_users({}, limit=101), 400, 4)


@scenario
def bans_hold_in_a_channel_or_everywhere():
    users("b1", "b2")
    room = channel("bans", "b1", "b2")
    equal(client.ban_user("b1", banned_by_id="b2", reason="spam", timeout=60).status_code(), 201)
    room.ban_user("b1", banned_by_id="b2")
    refused(lambda: client.ban_user("b1"), 400, 4, "banned_by")
    refused(lambda: client.ban_user("nobody", banned_by_id="b2"), 404, 16)
    refused(lambda: client.ban_user("b1", banned_by_id="b2", timeout=-1), 400, 4)
    assert client.query_users({"id": "b1"})["users"][0]["banned"]
    bans = client.query_banned_users({"filter_conditions": {"channel_cid": room.cid}})["bans"]
    equal([(ban["user"]["id"], ban["channel"]["cid"]) for ban in bans], [("b1", room.cid)])
    bans = client.query_banned_users({"filter_conditions": {"user_id": "b1"}, "sort": [{"field": "created_at", "direction": 1}]})
    equal([ban["reason"] for ban in bans["bans"]], ["spam", None])
    equal(room.unban_user("b1").status_code(), 200)
    client.unban_user("b1")
    assert not client.query_users({"id": "b1"})["users"][0]["banned"]
    client.shadow_ban("b1", banned_by_id="b2")
    assert client.query_users({"id": "b1"})["users"][0]["shadow_banned"]
    answer = client.post("api/v2/moderation/unban", params={"target_user_id": "b1"})
    equal(answer.status_code(), 201)
    equal(applied("ban:*/b1"), {("ban:*/b1", "ban"): (2, 2), ("ban:*/b1", "unban"): (2, 2)})


@scenario
def users_mute_each_other():
    users("m1", "m2", "m3")
    answer = client.mute_user("m1", "m2", timeout=10)
    equal((answer.status_code(), answer["mute"]["target"]["id"], answer["mute"]["user"]["id"]), (201, "m1", "m2"))
    equal(len(client.mute_users(["m1", "m3"], "m2")["mutes"]), 2)
    equal(client.unmute_users(["m1", "m3"], "m2").status_code(), 201)
    refused(lambda: client.mute_user("nobody", "m2"), 400, 4)


@scenario
def channels_are_made_once():
    users("c1", "c2")
    room = client.channel("messaging", "made", {"members": ["c1", "c2"], "name": "Made", "listing_id": "L1"})
    refused(lambda: room.query(), 400, 4, "created_by")
    answer = room.create("c1")
    equal(answer.status_code(), 201)
    equal((answer["channel"]["cid"], answer["channel"]["member_count"]), ("messaging:made", 2))
    equal((answer["channel"]["listing_id"], answer["channel"]["created_by"]["id"]), ("L1", "c1"))
    equal(room.create("c1")["channel"]["created_at"], answer["channel"]["created_at"])
    equal(applied("channel:messaging:made")[("channel:messaging:made", "create")], (1, 1))
    unknown = client.channel("messaging", "unknown", {"members": ["nobody"]})
    refused(lambda: unknown.create("c1"), 400, 4, "nobody")
    pair = client.channel("messaging", None, {"members": ["c1", "c2"]})
    first = pair.create("c1")["channel"]["id"]
    assert first.startswith("!members-"), first
    equal(client.channel("messaging", None, {"members": ["c2", "c1"]}).create("c1")["channel"]["id"], first)


@scenario
def channels_change_whole_and_in_part():
    users("e1", "e2")
    room = channel("edited", "e1", color="red", price=3)
    answer = room.update({"name": "New"}, {"text": "renamed", "user_id": "e1"})
    equal(answer.status_code(), 201)
    equal((answer["channel"]["name"], "color" in answer["channel"]), ("New", False))
    equal((answer["message"]["type"], answer["message"]["text"]), ("system", "renamed"))
    answer = room.update_partial({"frozen": True, "color": "blue"}, ["name"])
    equal(answer.status_code(), 200)
    equal((answer["channel"]["frozen"], answer["channel"]["color"], "name" in answer["channel"]), (True, "blue", False))
    refused(lambda: room.update_partial({"cid": "x"}), 400, 4)
    refused(lambda: client.channel("messaging", "nowhere").update({"a": 1}), 404, 16)


@scenario
def members_come_and_go():
    users("k1", "k2", "k3")
    room = channel("members", "k1")
    answer = room.add_members(["k2", {"user_id": "k3", "channel_role": "channel_moderator"}])
    equal([member["user_id"] for member in answer["members"]], ["k1", "k2", "k3"])
    equal([member["channel_role"] for member in answer["members"]], ["channel_member", "channel_member", "channel_moderator"])
    room.add_members(["k2"])
    found = room.query_members({"id": {"$in": ["k2", "k3"]}}, {"user_id": -1}, limit=1)
    equal([member["user_id"] for member in found], ["k3"])
    equal(len(room.remove_members(["k2"], {"text": "bye", "user_id": "k1"})["members"]), 2)
    refused(lambda: room.add_members(["nobody"]), 400, 4)
    refused(lambda: room.add_members([f"batch-{number}" for number in range(101)]), 400, 4, "100")
    equal(applied("member:messaging:members/k2"), {
        ("member:messaging:members/k2", "add"): (2, 1), ("member:messaging:members/k2", "remove"): (1, 1),
    })


@scenario
def channels_are_deleted():
    users("g1")
    room = channel("gone", "g1")
    message = room.send_message({"id": "gone-1", "text": "hi"}, "g1")["message"]
    answer = room.delete(hard=True)
    equal((answer.status_code(), answer["channel"]["cid"]), (200, room.cid))
    refused(lambda: room.delete(), 404, 16)
    refused(lambda: client.get_message(message["id"]), 404, 16)
    channel("gone-2", "g1"), channel("gone-3", "g1")
    answer = client.delete_channels(["messaging:gone-2", "messaging:gone-3"], hard_delete=True)
    equal((answer.status_code(), sorted(answer["result"])), (201, ["messaging:gone-2", "messaging:gone-3"]))
    refused(lambda: client.delete_channels(["messaging:gone-2"]), 404, 16)


@scenario
def channels_are_queried():
    users("y1", "y2")
    channel("query-1", "y1", kind="event"), channel("query-2", "y1", "y2", kind="event")
    newest = channel("query-3", "y2", kind="venue")
    newest.send_message({"text": "hi"}, "y2")
    answer = client.query_channels({"kind": {"$in": ["event", "venue"]}, "members": {"$in": ["y2"]}}, {"last_message_at": -1})
    equal(answer.status_code(), 201)
    equal([state["channel"]["id"] for state in answer["channels"]], ["query-3", "query-2"])
    equal(len(answer["channels"][0]["messages"]), 1)
    answer = client.query_channels({"kind": "event"}, {"created_at": 1}, limit=1, offset=1)
    equal([state["channel"]["id"] for state in answer["channels"]], ["query-2"])
    equal(client.query_channels({"last_message_at": {"$gt": "2100-01-01T00:00:00Z"}})["channels"], [])
    refused(lambda: client.query_channels({}, limit=31), 400, 4)


@scenario
def a_message_is_sent_once():
    users("s1", "s2")
    room = channel("sending", "s1", "s2")
    message = {"id": "once", "text": "hello <b>", "mentioned_users": ["s2"], "silent": True, "offer": {"amount": 5}}
    answer = room.send_message(message, "s1", skip_push=True)
    sent = answer["message"]
    equal((answer.status_code(), sent["id"], sent["user"]["id"], sent["type"]), (201, "once", "s1", "regular"))
    equal((sent["mentioned_users"][0]["name"], sent["silent"], sent["offer"]), ("S2", True, {"amount": 5}))
    refused(lambda: room.send_message(message, "s1"), 400, 4, "already exists")
    equal(applied("message:once"), {("message:once", "send"): (1, 1)})
    assert room.send_message({"text": "no id"}, "s1")["message"]["id"].startswith("s1-")
    equal(room.send_message({"text": "note", "type": "system"}, "s1")["message"]["type"], "system")
    reply = room.send_message({"text": "re", "parent_id": "once"}, "s2")["message"]
    equal((reply["type"], reply["parent_id"], client.get_message("once")["message"]["reply_count"]), ("reply", "once", 1))
    private = room.send_message({"text": "psst", "restricted_visibility": ["s2"]}, "s1")["message"]
    equal(private["restricted_visibility"], ["s2"])
    equal(room.get_messages(["once"])["messages"][0]["id"], "once")


@scenario
def a_message_has_limits():
    users("l1")
    room = channel("limits", "l1")
    refused(lambda: room.send_message({"text": "x"}, "nobody"), 400, 4, "nobody")
    refused(lambda: room.send_message({"id": "a,b", "text": "x"}, "l1"), 400, 4)
    refused(lambda: room.send_message({"id": "a%b", "text": "x"}, "l1"), 400, 4)
    refused(lambda: room.send_message({"id": "a" * 256, "text": "x"}, "l1"), 400, 4)
    refused(lambda: room.send_message({"text": "x" * 5001}, "l1"), 400, 4, "5000")
    refused(lambda: room.send_message({"text": "x", "data": "y" * 5200}, "l1"), 400, 4, "5120")
    refused(lambda: room.send_message({"text": "x", "attachments": [{}] * 31}, "l1"), 400, 4, "30")
    many = [f"batch-{number}" for number in range(26)]
    refused(lambda: room.send_message({"text": "x", "mentioned_users": many}, "l1"), 400, 4, "25")
    refused(lambda: room.send_message({"text": "x", "type": "shout"}, "l1"), 400, 4)
    refused(lambda: client.channel("messaging", "nowhere").send_message({"text": "x"}, "l1"), 404, 16)
    equal(room.send_message({"text": "ä" * 5000}, "l1").status_code(), 201)


@scenario
def a_message_changes_and_is_pinned():
    users("t1", "t2")
    room = channel("changing", "t1", "t2")
    room.send_message({"id": "changing", "text": "one", "color": "red"}, "t1")
    answer = client.update_message({"id": "changing", "text": "two", "user_id": "t1"})
    equal((answer.status_code(), answer["message"]["text"], "color" in answer["message"]), (201, "two", False))
    answer = client.update_message_partial("changing", {"set": {"color": "blue", "text": "three"}}, "t2")
    equal((answer.status_code(), answer["message"]["text"], answer["message"]["color"]), (201, "three", "blue"))
    pinned = client.pin_message("changing", "t2", 60)["message"]
    equal((pinned["pinned"], pinned["pinned_by"]["id"], pinned["text"]), (True, "t2", "three"))
    assert pinned["pin_expires"] > pinned["pinned_at"]
    equal(client.unpin_message("changing", "t2")["message"]["pinned"], False)
    refused(lambda: client.put("messages/changing", data={"set": {"a": 1}}), 400, 4, "user")
    refused(lambda: client.update_message_partial("changing", {"set": {"cid": "x"}}, "t1"), 400, 4)
    refused(lambda: client.update_message({"id": "nothing", "text": "x", "user_id": "t1"}), 404, 16)
    equal(applied("message:changing")[("message:changing", "pin")], (1, 1))


@scenario
def a_message_is_deleted_and_restored():
    users("r1", "r2")
    room = channel("removing", "r1", "r2")
    room.send_message({"id": "removed", "text": "secret"}, "r1")
    answer = client.delete_message("removed", deleted_by="r2")
    equal((answer.status_code(), answer["message"]["type"]), (200, "deleted"))
    refused(lambda: client.delete_message("removed"), 404, 16)
    refused(lambda: client.update_message({"id": "removed", "text": "x", "user_id": "r1"}), 404, 16)
    equal(client.get_message("removed")["message"]["text"], "")
    equal(client.get_message("removed", show_deleted_message=True)["message"]["text"], "secret")
    equal(client.undelete_message("removed", "r1").status_code(), 201)
    equal(client.get_message("removed")["message"]["text"], "secret")
    refused(lambda: client.undelete_message("removed", "r1"), 400, 4)
    client.delete_message("removed", delete_for_me=True, deleted_by="r2")
    equal(client.get_message("removed")["message"]["type"], "regular")
    client.delete_message("removed", hard=True)
    refused(lambda: client.get_message("removed", show_deleted_message=True), 404, 16)
    refused(lambda: client.delete_message("removed", hard=True), 404, 16)
    refused(lambda: client.undelete_message("removed", "r1"), 404, 16)
    equal(applied("message:removed")[("message:removed", "hard_delete")], (1, 1))


@scenario
def messages_and_users_are_flagged():
    users("f1", "f2")
    channel("flags", "f1", "f2").send_message({"id": "flagged", "text": "x"}, "f1")
    answer = client.flag_message("flagged", user_id="f2", reason="spam")
    equal((answer.status_code(), answer["flag"]["target_message_id"]), (201, "flagged"))
    refused(lambda: client.flag_message("flagged", user_id="f2"), 400, 4, "already exists")
    equal(client.flag_user("f1", user_id="f2")["flag"]["target_user"]["id"], "f1")
    refused(lambda: client.flag_message("nothing", user_id="f2"), 404, 16)
    refused(lambda: client.flag_message("flagged"), 400, 4, "user")


@scenario
def reading_is_remembered():
    users("v1", "v2")
    room = channel("reading", "v1", "v2")
    for number in range(3):
        room.send_message({"id": f"read-{number}", "text": "x"}, "v1")
    answer = room.mark_read("v2")
    equal((answer.status_code(), answer["event"]["type"], answer["event"]["last_read_message_id"]), (201, "message.read", "read-2"))
    room.send_message({"id": "read-3", "text": "x"}, "v1")
    reads = {read["user"]["id"]: read["unread_messages"] for read in room.query()["read"]}
    equal(reads, {"v2": 1})
    equal(client.mark_all_read("v2").status_code(), 201)
    equal(room.query()["read"][0]["unread_messages"], 0)
    refused(lambda: room.mark_read("v2", message_id="nothing"), 404, 16)


@scenario
def history_comes_in_pages():
    users("h1")
    room = channel("history", "h1")
    sent = [room.send_message({"id": f"page-{number}", "text": "x"}, "h1")["message"] for number in range(7)]

    def page(**options):
        return [message["id"][5:] for message in room.query(messages=options)["messages"]]

    equal(page(limit=3), ["4", "5", "6"])
    equal(page(limit=3, id_lt="page-4"), ["1", "2", "3"])
    equal(page(limit=2, id_gt="page-4"), ["5", "6"])
    equal(page(limit=2, id_gte="page-4"), ["4", "5"])
    equal(page(limit=9, created_at_after=sent[4]["created_at"]), ["5", "6"])
    equal(page(limit=9, created_at_after_or_equal=sent[4]["created_at"]), ["4", "5", "6"])
    equal(page(limit=2, created_at_before=sent[2]["created_at"]), ["0", "1"])
    equal(page(limit=9, id_gt="page-1", id_lt="page-4"), ["2", "3"])
    client.delete_message("page-3")
    equal([m["type"] for m in room.query(messages={"limit": 4})["messages"]], ["deleted", "regular", "regular", "regular"])
    refused(lambda: room.query(messages={"limit": 301}), 400, 4)


@scenario
def hooks_are_replaced_as_a_whole():
    first = {"hook_type": "webhook", "webhook_url": "http://127.0.0.1:9/a", "enabled": False, "event_types": ["message.new"]}
    equal(client.update_app_settings(event_hooks=[first]).status_code(), 200)
    app = client.get_app_settings()["app"]
    (hook,) = app["event_hooks"]
    equal((app["use_hook_v2"], hook["webhook_url"], hook["event_types"]), (True, first["webhook_url"], ["message.new"]))
    client.update_app_settings(event_hooks=[hook, {"hook_type": "sqs", "sqs_queue_url": "q", "enabled": False}])
    both = client.get_app_settings()["app"]["event_hooks"]
    equal([hook["id"], hook["created_at"], len(both)], [both[0]["id"], both[0]["created_at"], 2])
    client.update_app_settings(webhook_url="http://127.0.0.1:9/old")
    equal(len(client.get_app_settings()["app"]["event_hooks"]), 2)
    client.update_app_settings(event_hooks=[both[1]])
    equal([hook["hook_type"] for hook in client.get_app_settings()["app"]["event_hooks"]], ["sqs"])
    refused(lambda: client.update_app_settings(event_hooks=[{"hook_type": "fax"}]), 400, 4)
    refused(lambda: client.update_app_settings(event_hooks=[{"hook_type": "webhook", "webhook_url": "ftp://x"}]), 400, 4)
    client.update_app_settings(event_hooks=[])


@scenario
def limits_are_told_and_kept():
    # Of this endpoint the driver's caller has allowed 5 calls a minute; again if the minute ends meanwhile.
    users("w1", "w2")
    minute = None
    while minute != int(time.time() // 60):
        minute = int(time.time() // 60)
        limits = client.get_rate_limits(server_side=True, endpoints=["Unmute", "SendMessage"])["server_side"]
        left = limits["Unmute"]["remaining"]
        answers = [client.unmute_user("w1", "w2").rate_limit() for _ in range(left)]
        try:
            client.unmute_user("w1", "w2")
            refusal = None
        except StreamAPIException as error:
            refusal = error
        after = client.get_rate_limits(endpoints=["Unmute"])["server_side"]["Unmute"]
    equal((set(limits), limits["Unmute"]["limit"]), ({"Unmute", "SendMessage"}, 5))
    assert left > 0
    equal([answer.remaining for answer in answers], list(reversed(range(left))))
    equal({(answer.limit, answer.reset.timestamp()) for answer in answers}, {(5, 60 * (minute + 1))})
    equal((refusal.status_code, refusal.error_code, after["remaining"]), (429, 9, 0))


@scenario
def strangers_are_refused():
    other = StreamChat(api_key=key, api_secret="wrong", base_url=url)
    refused(lambda: other.get_app_settings(), 401, 43)
    refused(lambda: StreamChat(api_key="wrong", api_secret=secret, base_url=url).get_app_settings(), 401, 2)
    stranger = StreamChat(api_key=key, api_secret=secret, base_url=url)

    def with_token(claims, **options):
        stranger.auth_token = jwt.encode(claims, options.pop("key", secret), **{"algorithm": "HS256", **options})
        return stranger.get_app_settings()

    refused(lambda: with_token({"server": True, "exp": 1}), 401, 40)
    refused(lambda: with_token({"server": True, "nbf": 4e9}), 401, 41)
    refused(lambda: with_token({"server": True, "iat": int(4e9)}), 401, 42)
    refused(lambda: with_token({"server": True}, key=None, algorithm="none"), 401, 5)
    refused(lambda: with_token({"server": True}, algorithm="HS512"), 401, 5)
    stranger.auth_token = "Bearer " + client.auth_token
    refused(stranger.get_app_settings, 401, 5)
    users("p1")
    stranger.auth_token = stranger.create_token("p1")
    refused(stranger.get_app_settings, 403, 17)
    answer = requests.get(f"{url}/app", params={"api_key": key}, headers={"Authorization": client.auth_token}, timeout=10)
    equal((answer.status_code, answer.json()["code"]), (401, 5))
    answer = requests.get(f"{url}/app", timeout=10)
    equal((answer.status_code, answer.json()["code"], answer.json()["StatusCode"]), (401, 2, 401))


@scenario
def nonsense_is_refused():
    refused(lambda: client.get("nothing/here"), 404, 16)
    headers = {"Authorization": client.auth_token, "stream-auth-type": "jwt"}
    for body in ["{", "[]", '"text"']:
        answer = requests.post(f"{url}/users", params={"api_key": key}, headers=headers, data=body, timeout=10)
        equal((answer.status_code, answer.json()["code"]), (400, 4))
    answer = requests.post(f"{url}/users", params={"api_key": key}, headers=headers, data="x" * 2_000_000, timeout=10)
    equal((answer.status_code, answer.json()["code"]), (413, 22))
    refused(lambda: client.post("users", data={"users": {}}), 400, 4)


@scenario
def users_tokens_act_for_their_users():
    users("z1", "z2")
    room = channel("tokens", "z1", "z2")
    own = StreamChat(api_key=key, api_secret=secret, base_url=url)
    own.auth_token = own.create_token("z1", exp=int(time.time()) + 60)
    equal(own.post(f"{room.url}/message", data={"message": {"id": "own", "text": "x"}})["message"]["user"]["id"], "z1")
    room.send_message({"id": "other", "text": "x"}, "z2")
    refused(lambda: own.delete("messages/other"), 403, 17)
    equal(own.delete("messages/own").status_code(), 200)
    client.ban_user("z1", banned_by_id="z2")
    refused(lambda: own.post(f"{room.url}/message", data={"message": {"text": "x"}}), 403, 17)


failures = 0
for function in scenarios:
    try:
        function()
        print(f"ok {function.__name__}", flush=True)
    except Exception as error:
        failures += 1
        place = traceback.extract_tb(error.__traceback__)
        line = next(frame.lineno for frame in reversed(place) if frame.filename == __file__)
        print(f"failed {function.__name__} (line {line}): {type(error).__name__} {error}", flush=True)
sys.exit(1 if failures else 0)
