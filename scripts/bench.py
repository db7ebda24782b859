"""What scripts/bench measures. Standard library only; the service is driven by its own `replay`."""
import json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BACKCHANNEL = os.path.join(ROOT, ".build/release/backchannel")
STAGES = ["decode", "read", "fold", "encode", "write", "commit", "acknowledge"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """One running service with a data folder and a database of its own."""

    def __init__(self, name, **settings):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="backchannel-bench-")
        known = {k: v for k, v in os.environ.items() if not k.startswith(("BACKCHANNEL_", "GETSTREAM_"))}
        self.environment = {
            **known, "PORT": str(self.port), "DATA_DIR": self.folder, "MONGODB_DATABASE": f"bench_{name}",
            "GETSTREAM_API_KEY": "bench-key", "GETSTREAM_API_SECRET": "bench-secret",
            "ADMIN_API_KEY": "bench-admin-key-bench", **settings,
        }

    def start(self):
        """Returns the seconds until it accepts."""
        began = time.monotonic()
        self.process = subprocess.Popen([BACKCHANNEL, "serve"], env=self.environment, stdout=subprocess.PIPE,
                                        stderr=open(os.path.join(self.folder, "log"), "a"), text=True)
        for line in self.process.stdout:
            if "accepts events" in line:
                return time.monotonic() - began
        sys.exit("bench: the service did not start; see " + os.path.join(self.folder, "log"))

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()

    def remove(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def replay(self, *arguments):
        url = f"http://127.0.0.1:{self.port}/api/v1/webhooks/getstream"
        done = subprocess.run([BACKCHANNEL, "replay", *arguments, "--url", url, "--json"], env=self.environment,
                              capture_output=True, text=True)
        if not done.stdout.strip():
            sys.exit("bench: replay failed: " + done.stderr)
        return json.loads(done.stdout)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return {m[0]: float(m[1]) for m in re.findall(r"^(\w+(?:\{[^}]*\})?) ([-0-9.e+]+)$", text, re.M)}

    def wait(self, metric, reached):
        while not reached(self.metrics().get(metric, 0)):
            time.sleep(0.02)

    def drain(self):
        self.wait("backchannel_queue_events", lambda waiting: waiting == 0)

    def resident_megabytes(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(what + r":\s+(\d+)", status.read())[1]) / 1024


def row(name, value, goal=""):
    print(f"  {name:<58} {value:>22}   {goal}", flush=True)


def latencies(report):
    return " / ".join(f"{report[name]:.1f}" for name in ("p50_ms", "p99_ms", "p999_ms")) + " ms"


def speed(count):
    print("\nAccepted and stored at once")
    service = Service("speed")
    service.start()
    began = time.monotonic()
    report = service.replay("--generate", str(count), "--connections", "64")
    row("accepted, 64 connections", f"{report['per_second']:,.0f}/s", "40,000/s")
    row("  p50 / p99 / p99.9", latencies(report), "p99 10 ms, p99.9 50 ms")
    service.drain()
    row("stored, from the first event sent to the last in MongoDB", f"{count / (time.monotonic() - began):,.0f}/s", "10,000/s")
    metrics = service.metrics()
    for stage in STAGES:
        spent = metrics.get(f'backchannel_stage_microseconds_total{{stage="{stage}"}}', 0)
        row(f"  {stage}", f"{spent / count:.1f} µs an event")
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    for connections in (256, 1000):
        report = service.replay("--generate", str(count // 4), "--connections", str(connections), "--seed", str(connections),
                                "--prefix", f"c{connections}")
        row(f"accepted, {connections} connections", f"{report['per_second']:,.0f}/s", "no stall")
        row("  p50 / p99 / p99.9", latencies(report))
        service.drain()
    # As long as one of MongoDB's checkpoints takes to come round, whose writes share the disk.
    report = service.replay("--generate", str(count * 3 // 2), "--connections", "64", "--rate", "5000", "--prefix", "r")
    row("at a steady 5,000/s: p50 / p99 / p99.9", latencies(report), "p99 5 ms")
    service.drain()
    service.remove()


def restarts(count):
    print("\nStarting")
    service = Service("restart")
    row("ready, with an empty queue", f"{service.start():.2f} s", "1 s")
    load = subprocess.Popen(
        [BACKCHANNEL, "replay", "--generate", str(count), "--connections", "32", "--retries", "1000", "--url",
         f"http://127.0.0.1:{service.port}/api/v1/webhooks/getstream"],
        env=service.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    service.wait("backchannel_events_stored_total", lambda stored: stored > 1_000)
    service.end(signal.SIGKILL)
    began = time.monotonic()
    service.start()
    row("after kill -9 under load: accepting", f"{time.monotonic() - began:.2f} s", "2 s")
    service.wait("backchannel_events_stored_total", lambda stored: stored > 0)
    row("after kill -9 under load: storing", f"{time.monotonic() - began:.2f} s", "3 s")
    load.wait()
    service.drain()
    service.remove()


def backlog(count):
    print(f"\nMongoDB gone, {count:,} events waiting")
    service = Service("backlog", MONGODB_URI="mongodb://127.0.0.1:1/?replicaSet=none")
    service.start()
    report = service.replay("--generate", str(count), "--connections", "64")
    row("accepted", f"{report['per_second']:,.0f}/s")
    row("  p50 / p99 / p99.9", latencies(report))
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    service.end()
    service.environment["MONGODB_URI"] = os.environ["MONGODB_URI"]
    row("started again with them waiting", f"{service.start():.2f} s", "1 s")
    began = time.monotonic()
    service.drain()
    row("drained", f"{count / (time.monotonic() - began):,.0f}/s", "the stored rate")
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    service.remove()


if __name__ == "__main__":
    count = 40_000 if "--quick" in sys.argv else 200_000
    print(f"{os.cpu_count()} cores, {count:,} events of 1.7 KB; goals on the right")
    speed(count)
    restarts(count // 4)
    backlog(1_000_000 if "--long" in sys.argv else count)
