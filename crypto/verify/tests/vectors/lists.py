"""Finds every verdict in access.json, news.json and disclosed.json by PROTOCOL.md alone, with nothing but Python's own library."""

import base64, hashlib, json, struct, sys
from pathlib import Path

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


class Refused(Exception):
    pass


def require(holds, verdict):
    if not holds:
        raise Refused(verdict)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(label, *parts):  # 1.2
    return sha(*(struct.pack(">Q", len(p)) + p for p in (b"tachiai/v1", label.encode(), *parts)))


def b64(text):  # 1.6
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(base64.urlsafe_b64encode(raw).decode().rstrip("=") == text, "form")
    return raw


def dumps(value):  # 1.6
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def loads(text, verdict):
    try:
        value = json.loads(text)
    except ValueError:
        raise Refused(verdict) from None
    require(dumps(value) == text, verdict)
    return value


# Ed25519, strictly (2.2, RFC 8032).
def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def decode(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    point = (x, y, 1, x * y % P)
    return None if same(times(8, point), (0, 1, 1, 0)) else point  # of small order


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    a, r, s = decode(key), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    c = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return same(times(s, BASE), add(r, times(c, a)))


def root(hashes):  # 3.1
    if len(hashes) < 2:
        return hashes[0] if hashes else sha(b"")
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\x01", root(hashes[:k]), root(hashes[k:]))


def checkpoint(note, origin, key):  # 3.2
    text, rule, line = note.partition("\n\n")
    require(rule and line.startswith(f"\u2014 {origin} ") and line.endswith("\n"), "R931")
    raw = base64.b64decode(line.split(" ")[2])
    require(raw[:4] == sha(origin.encode() + b"\n\x01" + key)[:4], "R931")
    require(signed(key, text.encode() + b"\n", raw[4:]), "R931")
    name, size, top = text.split("\n")
    require(name == origin, "R931")
    return int(size), base64.b64decode(top)


def access_list(of):  # 19
    leaves = [b64(leaf) for leaf in of["leaves"]]
    stands = checkpoint(of["checkpoint"], of["origin"], b64(of["key"]))
    require(stands == (len(leaves), root([sha(b"\x00", leaf) for leaf in leaves])), "R931")
    own = list(of["own"])
    for number, raw in enumerate(leaves):
        leaf = loads(raw.decode(), "R932")
        require(list(leaf) == ["v", "at", "id", "about", "tags"] and leaf["v"] == 1, "R932")
        tags = [b64(tag) for tag in leaf["tags"]]
        require(len(tags) <= 1000 and all(a < b for a, b in zip(tags, tags[1:])), "R932")
        mine = any(tagged("access-tag", b64(one["secret"]), b64(leaf["id"])) in tags for one in of["secrets"])
        told = own.pop(0) if own and own[0]["leaf"] == number else None
        require(mine == (told is not None), "R933")
        if told:
            about = tagged("access-about", b64(told["salt"]), dumps(told["access"]).encode())
            require(told["at"] == leaf["at"] and about == b64(leaf["about"]), "R934")
    require(not own, "R933")


def access_case(case):
    of = json.loads(case["list"])
    since = json.loads(case["since"]) if "since" in case else None
    if since:
        access_list(since)
    access_list(of)
    if since:
        require((of["origin"], of["key"]) == (since["origin"], since["key"]), "R935")
        require(of["leaves"][: len(since["leaves"])] == since["leaves"], "R935")


def news_json(sent, event, terminal):  # 17.8
    body = {"event": event, "terminal": terminal, **sent, "stand_ins": sent.get("stand_ins", [])}
    body |= {"refused": sent.get("refused", []), "anchors": sent.get("anchors")}
    return dumps({key: body[key] for key in "event terminal from entries openings size now stand_ins refused anchors".split()})


def news_case(case):
    sent = loads(case["news"], "form")
    require(sent.get("stand_ins") != [] and sent.get("refused") != [] and sent.get("anchors", "") is not None, "form")
    message = tagged("roster-news", news_json(sent, case["event"], case["terminal"]).encode())
    require(signed(bytes.fromhex(case["key"]), message, b64(sent["signature"])), "signature")


def disclosed_case(case):  # 18.7
    if case["of"] == "form":
        found = tagged("disclosed-form", bytes.fromhex(case["file"]), bytes.fromhex(case["form"]))
    elif case["of"] == "preview":
        found = tagged("disclosure-preview", case["json"].encode())
    else:
        request = loads(case["json"], "form")
        request.pop("seen", None)
        found = tagged("disclosure-request", dumps(request).encode())
    require(found.hex() == case["hash"], "hash")


def judge(case, check):
    try:
        check(case)
    except Refused as refused:
        return refused.args[0]
    return "valid"


folder = Path(sys.argv[1])
for name, check in (("access", access_case), ("news", news_case), ("disclosed", disclosed_case)):
    file = json.loads((folder / f"{name}.json").read_text())
    for case in file["cases"]:
        found = judge(case, check)
        assert found == case["verdict"], (name, case["name"], found)
    for of in file.get("secrets", []):
        assert tagged("access-person", bytes.fromhex(of["key"])).hex() == of["secret"]
    for of in file.get("tags", []):
        assert tagged("access-tag", bytes.fromhex(of["secret"]), bytes.fromhex(of["id"])).hex() == of["tag"]
    for of in file.get("abouts", []):
        assert tagged("access-about", bytes.fromhex(of["salt"]), of["access"].encode()).hex() == of["about"]
    for of in file.get("refused", []):
        assert tagged("citizen-code-refused", bytes.fromhex(of["citizen"])).hex() == of["hash"]
    for of in file.get("anchors", []):
        assert tagged("text-anchors", *sorted({bytes.fromhex(key) for key in of["keys"]})).hex() == of["hash"]
    for of in file.get("signed", []):
        case = next(case for case in file["cases"] if case["name"] == of["case"])
        assert news_json(json.loads(case["news"]), case["event"], case["terminal"]) == of["json"]
        assert tagged("roster-news", of["json"].encode()).hex() == of["hash"]
    print(name, len(file["cases"]))
