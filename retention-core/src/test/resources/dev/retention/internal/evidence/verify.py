"""A second verifier of exports, for tests: it shares nothing with Verify.java but the formats.

Needs Python 3.9 and openssl 3. Prints CODE, leaf and id of each finding, and exits with 1 if there is one.
"""

import base64
import csv
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

folder = pathlib.Path(sys.argv[1])
found = []


def finding(code, leaf=None, id=None):
    found.append((code, leaf, id))


def root(hashes):
    """MTH of RFC 9162, by its recursive definition."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def notes(path, strict):
    lines = path.read_text("utf-8").splitlines(True)
    at = 0
    while at < len(lines):
        body = lines[at:at + 3]
        signatures = []
        try:
            origin, size, hash = (line.rstrip("\n") for line in body)
            hash = base64.b64decode(hash, validate=True)
            whole = len(hash) == 32 and size.isdigit() and lines[at + 3] == "\n"
        except (ValueError, IndexError):
            whole = False
        if not whole:
            if strict:
                finding("MALFORMED")
                return
            at += 1
            continue
        at += 4
        while at < len(lines) and lines[at].startswith("\u2014 "):
            signatures.append(lines[at][2:].split())
            at += 1
        yield origin, int(size), hash, "".join(body), signatures


def signed(key, text, signatures):
    name, id, public = key.split("+", 2)
    result = False
    for signature in signatures:
        raw = base64.b64decode(signature[1])
        if signature[0] != name or raw[:4].hex() != id:
            continue
        with tempfile.TemporaryDirectory() as directory:
            where = pathlib.Path(directory)
            der = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(public)[1:]
            (where / "key").write_bytes(der)
            (where / "text").write_bytes(text.encode())
            (where / "signature").write_bytes(raw[4:])
            verify = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key",
                      "-in", "text", "-sigfile", "signature"]
            if subprocess.run(verify, cwd=directory, capture_output=True).returncode:
                return False
        result = True
    return result


def text(entry, name):
    value = entry.get(name, "")
    return str(value)


def instant(value):
    """Comparable: seconds, and the fraction filled up."""
    whole, _, fraction = value.rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")


GROUPS = ["deleted", "unrecorded", "engine-deleted", "held", "not-due", "in-flight", "quarantined", "key-shared",
          "without-key", "undated", "overdue", "changed", "unreadable"]


def total(group):
    return sum(group.values()) if isinstance(group, dict) else group or 0


def statement(leaf, entry, history):
    """Compares a statement with the states of all recordings at each entry from the sealed ones on."""
    if sum(total(entry.get(group)) for group in GROUPS) != entry["recordings"]:
        finding("STATEMENT_DIFFERS", leaf)
    if entry["entries"] > leaf:
        finding("STATEMENT_DIFFERS", leaf)
    deleted, numbers, unknown, possible = {}, {}, 0, []
    for at, id, created, outcome in history:
        if at >= entry["entries"] and not possible:
            possible.append(dict(numbers))
        if id in deleted:
            old = deleted.pop(id)
            if old:
                numbers[old] -= 1
        if outcome and created is None:
            unknown += 1
        elif outcome:
            within = instant(entry["from"]) <= instant(created) < instant(entry["to"])
            deleted[id] = outcome if within else None
            if within:
                numbers[outcome] = numbers.get(outcome, 0) + 1
        if at >= entry["entries"]:
            possible.append(dict(numbers))
    possible = possible or [numbers]
    stated = entry.get("deleted", {})
    slack = total(entry.get("changed")) + total(entry.get("unreadable"))
    for outcome in set(numbers) | set(stated):
        each = [state.get(outcome, 0) for state in possible]
        if not min(each) - slack <= stated.get(outcome, 0) <= max(each) + unknown:
            finding("STATEMENT_DIFFERS", leaf)


def replay(entries):
    holds, claimed, ever, census, adopted = {}, set(), set(), {}, False
    since, early = {}, set()
    created, history = {}, []
    for leaf, entry in entries:
        kind, id = entry["kind"], text(entry, "id")
        if kind == "claim":
            created[id] = entry.get("created")
            history.append((leaf, id, None, None))
        elif kind == "acceptance" or text(entry, "step") == "DELETED":
            created[id] = entry.get("created", created.get(id))
            outcome = "ACCEPTED_UNPROVEN" if kind == "acceptance" else entry["outcome"]
            history.append((leaf, id, created[id], outcome))
        elif kind == "statement":
            statement(leaf, entry, history)
        held = holds.setdefault(id, {})
        if kind == "claim":
            if id not in claimed or since[id][1] != text(entry, "key"):
                since[id] = leaf, text(entry, "key")
            claimed.add(id)
            ever.add(id)
            early.discard(id)
            if held and text(entry, "late") != "1":
                finding("DELETED_UNDER_HOLD", leaf, id)
            cutoff = instant(entry["cutoff"])
            if cutoff > instant(entry["at"]):
                finding("DELETED_EARLY", leaf, id)
            if entry["policy"] != "erasure" and not ("created" in entry and instant(entry["created"]) < cutoff):
                if entry["attempt"] > 1:
                    early.add(id)
                else:
                    finding("DELETED_EARLY", leaf, id)
        elif kind == "claim-release" and text(entry, "attempt") == "1":
            claimed.discard(id)
        elif kind == "outcome" and "with" in entry:
            if entry["with"] not in ever:
                finding("OUTCOME_WITHOUT_CLAIM", leaf, id)
            if any(placed < since.get(entry["with"], (0, ""))[0] for placed in held.values()):
                finding("DELETED_UNDER_HOLD", leaf, id)
            claimed.discard(id)
        elif kind in ("outcome", "acceptance"):
            ends = kind == "acceptance" or entry["step"] in ("DELETED", "REFUSED_UNSENT")
            if id not in claimed and not (adopted and (not ends or id not in ever)):
                finding("OUTCOME_WITHOUT_CLAIM", leaf, id)
            if kind == "outcome" and entry["step"] == "DELETED" and text(entry, "outcome") == "DELETED" and id in early:
                finding("DELETED_EARLY", leaf, id)
            if ends:
                claimed.discard(id)
        elif kind == "hold":
            held.setdefault(text(entry, "hold"), leaf)
        elif kind in ("release", "expiry"):
            held.pop(text(entry, "hold"), None)
        elif kind == "census":
            days = entry.get("days", {})
            for day in set(census) | set(days):
                if entry["from"] <= day < entry["to"]:
                    if days.get(day, 0) < census.get(day, 0):
                        finding("CENSUS_SHRANK", leaf)
                    census[day] = days.get(day, 0)
        elif kind == "adoption":
            adopted = True


RUN = ["checked", "deleted", "already-gone", "nothing-stored", "failed", "deferred", "unproven", "quarantined", "held",
       "without-key", "remaining", "undated"]


def tables(entries, begin, end):
    result = {
        "deletions": [["leaf", "deleted_at", "id", "key", "account", "created", "claimed_at", "policy", "cutoff", "run",
                       "outcome", "evidence", "with"]],
        "holds": [["leaf", "at", "event", "id", "hold"]],
        "runs": [["leaf", "run", "started", "ended", "end"] + [name.replace("-", "_") for name in RUN]],
        "open": [["leaf", "claimed_at", "id", "key", "account", "created", "policy", "cutoff", "run", "state",
                  "outcome", "cause"]],
    }
    claims = {}
    for leaf, entry in entries:
        kind, id, step = entry["kind"], text(entry, "id"), text(entry, "step")
        listed = instant(begin) <= instant(entry["at"]) < instant(end)
        if kind == "claim":
            first = claims.get(id, {"leaf": leaf, "claimed": entry["at"]})
            claims[id] = {**entry, "leaf": first["leaf"], "claimed": first["claimed"], "state": "IN_FLIGHT"}
        elif kind == "claim-release" and text(entry, "attempt") == "1":
            claims.pop(id, None)
        elif kind == "acceptance" or step == "DELETED":
            claim = claims.pop(id, {})
            about = [text(entry, name) or text(claim, name) for name in ("key", "account", "created")]
            outcome = "ACCEPTED_UNPROVEN" if kind == "acceptance" else text(entry, "outcome")
            if listed:
                result["deletions"].append(
                    [leaf, entry["at"], id] + about
                    + [text(claim, name) for name in ("claimed", "policy", "cutoff", "run")]
                    + [outcome, text(entry, "evidence"), text(entry, "with")])
        elif step == "REFUSED_UNSENT":
            claims.pop(id, None)
        elif step in ("RETRY", "QUARANTINE") and id in claims:
            claims[id].update(state="IN_FLIGHT" if step == "RETRY" else "QUARANTINED",
                              outcome=text(entry, "outcome"), cause=text(entry, "cause"))
        elif kind in ("hold", "release", "expiry") and listed:
            result["holds"].append([leaf, entry["at"], kind, id, text(entry, "hold")])
        elif kind == "run-end" and listed:
            result["runs"].append([leaf, text(entry, "run"), text(entry, "started"), text(entry, "ended"),
                                   text(entry, "end")] + [text(entry, name) for name in RUN])
    for id, claim in claims.items():
        result["open"].append([claim["leaf"], claim["claimed"], id] + [
            text(claim, name)
            for name in ("key", "account", "created", "policy", "cutoff", "run", "state", "outcome", "cause")])
    return result


def exported(entries, about, key):
    """The statement of the export's period."""
    own = [(leaf, entry) for leaf, entry in entries
           if entry["kind"] == "statement" and entry["from"] == about["from"] and entry["to"] == about["to"]]
    note, table = folder / "statement.txt", folder / "statement.csv"
    if about.get("statement") != "1" and not note.exists():
        return
    if not own or not note.exists() or not table.exists():
        return finding("STATEMENT_DIFFERS", own[-1][0] if own else None)
    leaf, entry = own[-1]
    body, _, lines = note.read_bytes().decode().rpartition("\n\n")
    body += "\n"
    if base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() != entry["sha256"]:
        finding("STATEMENT_DIFFERS", leaf)
    signatures = [line[2:].split() for line in lines.splitlines() if line.startswith("\u2014 ")]
    if key and not signed(key, body, signatures):
        finding("SIGNATURE", leaf)
    if base64.b64encode(hashlib.sha256(table.read_bytes()).digest()).decode() != entry["list"]:
        finding("STATEMENT_DIFFERS", leaf)
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    for group in GROUPS:
        if group not in ("deleted", "not-due") and total(entry.get(group)) != sum(row[0] == group for row in rows):
            finding("STATEMENT_DIFFERS", leaf)
    for row in rows:
        if row[0] == "changed":
            finding("STATEMENT_DIFFERS", leaf, row[2])


def cell(value):
    value = str(value)
    return "'" + value if value[:1] and value[:1] in "=+-@\t\r" else value


def main():
    arguments = sys.argv[2:]
    pinned = None
    if "--key" in arguments:
        at = arguments.index("--key")
        pinned = arguments[at + 1].strip()
        del arguments[at:at + 2]
    if (folder / "INCOMPLETE").exists():
        return finding("MALFORMED")
    about = dict(line.split(" ", 1) for line in (folder / "export.txt").read_text().splitlines())
    if about["format"] != "1":
        return finding("MALFORMED")
    key = (folder / "key.vkey").read_text().strip() if (folder / "key.vkey").exists() else None
    if pinned is not None and pinned != key:
        finding("SIGNATURE")
    key = pinned or key
    newest = list(notes(folder / "checkpoint", True))
    if len(newest) != 1:
        return finding("MALFORMED")
    heads = [(False, *newest[0])]
    heads += [(False, *note) for note in notes(folder / "checkpoints" / "all", True)]
    for path in arguments:
        heads += [(True, *note) for note in notes(pathlib.Path(path), False)]
    for outside, origin, size, hash, body, signatures in heads:
        if key and not signed(key, body, signatures):
            finding("SIGNATURE", size)
        if origin != newest[0][0]:
            finding("FORK")
        elif size > newest[0][1]:
            finding("TRUNCATED", newest[0][1])

    lines = (folder / "entries.jsonl").read_bytes().split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    hashes = [hashlib.sha256(b"\0" + line).digest() for line in lines]
    good = 0
    comparable = [head for head in heads if head[1] == newest[0][0] and head[2] <= min(newest[0][1], len(lines))]
    for size in sorted({head[2] for head in comparable}):
        wrong = {head[0] for head in comparable if head[2] == size and root(hashes[:size]) != head[3]}
        if False in wrong:
            finding("TREE_BROKEN", good)
            break
        if True in wrong:
            finding("FORK", good)
        good = size
    if len(lines) < newest[0][1]:
        finding("TRUNCATED", len(lines))
    elif len(lines) > newest[0][1]:
        finding("TREE_BROKEN", newest[0][1])

    entries = []
    for leaf, line in enumerate(lines):
        try:
            entry = json.loads(line.decode("ascii"))
            if entry["v"] != 1:
                raise ValueError
            entries.append((leaf, entry))
        except (ValueError, KeyError):
            finding("MALFORMED", leaf)
    replay(entries)
    exported(entries, about, key)
    for name, rows in tables(entries, about["from"], about["to"]).items():
        with open(folder / (name + ".csv"), encoding="utf-8", newline="") as file:
            if list(csv.reader(file)) != [[cell(value) for value in row] for row in rows]:
                finding("CSV_DIFFERS")


main()
for code, leaf, id in found:
    print(code + ("" if leaf is None else f" leaf={leaf}") + ("" if not id else f" id={id}"))
sys.exit(1 if found else 0)
