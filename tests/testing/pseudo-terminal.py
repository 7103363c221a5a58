"""
Plays a person at a pseudo-terminal: waits for what a command says, types, sends signals, looks at the terminal after.

Plan on stdin: {"argv": [...], "steps": [{"wait": text} | {"type": text} | {"signal": name}], "limit": seconds}.
On stdout: {"code", "restored", "seen", "missed"}; code is null when the command had to be ended, missed the text waited for
in vain, restored whether echo and line mode are what they were.
"""
import json
import os
import pty
import select
import signal
import sys
import termios
import time

plan = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    os.execvp(plan["argv"][0], plan["argv"])

end = time.monotonic() + plan["limit"]
cooked = termios.tcgetattr(terminal)[3]
seen = b""
at = 0
missed = None


def take():
    """Takes in what the command wrote within a moment; whether it may write more."""
    global seen
    ready, _, _ = select.select([terminal], [], [], 0.05)
    if not ready:
        return True
    try:
        more = os.read(terminal, 65536)
    except OSError:
        return False
    seen += more
    return more != b""


for step in plan["steps"]:
    if "wait" in step:
        text = step["wait"].encode()
        while seen.find(text, at) < 0 and time.monotonic() < end and take():
            pass
        found = seen.find(text, at)
        if found < 0:
            missed = step["wait"]
            break
        at = found + len(text)
    elif "type" in step:
        os.write(terminal, step["type"].encode())
    else:
        os.kill(child, getattr(signal, step["signal"]))

code = None
while code is None and missed is None and time.monotonic() < end:
    take()
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        code = os.waitstatus_to_exitcode(status)
while code is not None and select.select([terminal], [], [], 0)[0] and take():
    pass
restored = termios.tcgetattr(terminal)[3] == cooked
if code is None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
json.dump({"code": code, "restored": restored, "seen": seen.decode(errors="replace"), "missed": missed}, sys.stdout)
