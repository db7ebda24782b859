"""A real Chromium, driven through a pipe by its own protocol (CDP): no port, no library."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time


class Browser:
    """One browser without a window, with a profile of its own that goes with it."""

    def __init__(self, arguments=()):
        self.profile = tempfile.mkdtemp(prefix="browser-")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        # Without a sandbox of its own: in a container there is nothing to make one of, and the pages are ours.
        command = [
            shutil.which("chromium") or "chromium", "--headless=new", "--remote-debugging-pipe", "--no-first-run",
            "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-sandbox",
            "--hide-scrollbars", f"--user-data-dir={self.profile}", *arguments, "about:blank",
        ]

        def place():
            # The browser reads its commands from descriptor 3 and writes to 4.
            os.dup2(to_browser, 103), os.dup2(from_browser, 104)
            os.dup2(103, 3), os.dup2(104, 4)
            os.closerange(5, 256)

        self.process = subprocess.Popen(
            command, preexec_fn=place, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser), os.close(from_browser)
        self._number = 0
        self._answers, self._events, self._news = {}, [], threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def close(self):
        try:
            self.call("Browser.close", seconds=5)
            self.process.wait(5)
        except Exception:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def page(self, width=1280, height=900, context=None):
        """A tab; in a context of its own it shares no cookie with others."""
        place = {"browserContextId": context} if context else {}
        target = self.call("Target.createTarget", {"url": "about:blank", **place})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, target, session, width, height)

    def call(self, method, parameters=None, session=None, seconds=30):
        with self._news:
            self._number += 1
            number = self._number
        message = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        with self._news:
            if not self._news.wait_for(lambda: number in self._answers, seconds):
                raise TimeoutError(f"{method} was not answered within {seconds} s")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def events(self, session, method):
        with self._news:
            return [event["params"] for event in self._events if event.get("sessionId") == session and event["method"] == method]

    def _read(self):
        rest = b""
        while part := os.read(self._in, 1 << 16):
            *messages, rest = (rest + part).split(b"\0")
            with self._news:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self._answers[message["id"]] = message
                    else:
                        self._events.append(message)
                self._news.notify_all()


WAIT = """new Promise((go, fail) => {
  const look = () => { try { if (%s) go(true); } catch {} };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  addEventListener('hashchange', look);
  setTimeout(() => fail(Error('never true')), %d);
  look();
})"""


class Page:
    """One tab."""

    def __init__(self, browser, target, session, width, height):
        self.browser, self.target, self.session = browser, target, session
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        self.size(width, height)

    def call(self, method, parameters=None, **more):
        return self.browser.call(method, parameters, self.session, **more)

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500})

    def colours(self, scheme):
        self.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, url):
        self.call("Page.navigate", {"url": url})

    def run(self, script):
        """The value of an expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait(self, condition, seconds=15):
        """Returns when an expression is true in the page, which is asked again whenever the page changes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return self.run(WAIT % (condition, (end - time.monotonic()) * 1000))
            except RuntimeError as fault:
                if "never true" in str(fault):
                    break  # else it fell between two documents
        text = self.run("document.body.innerText.slice(0, 400)")
        raise TimeoutError(f"never true: {condition}; the page says: {text}")

    def close(self):
        self.browser.call("Target.closeTarget", {"targetId": self.target})

    def type(self, selector, text):
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", {"text": text})

    def press(self, key):
        code = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32}.get(key)
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        for kind in ("keyDown", "keyUp"):
            more = {"windowsVirtualKeyCode": code} if code else {}
            self.call("Input.dispatchKeyEvent", {"type": kind, "key": key, "text": text if kind == "keyDown" else "", **more})

    def picture(self, path, whole=False):
        data = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def faults(self):
        """What the browser's console holds against the page."""
        thrown = [event["exceptionDetails"].get("exception", {}).get("description") or event["exceptionDetails"]["text"] for event in self.browser.events(self.session, "Runtime.exceptionThrown")]
        logged = [event["entry"]["text"] + " " + event["entry"].get("url", "") for event in self.browser.events(self.session, "Log.entryAdded") if event["entry"]["level"] in ("error", "warning")]
        said = [" ".join(str(argument.get("value", argument.get("description"))) for argument in event["args"]) for event in self.browser.events(self.session, "Runtime.consoleAPICalled") if event["type"] in ("error", "warning", "assert")]
        return thrown + logged + said
