"""Seam's Python SDK as a client of a table of calls.

Reads lines of JSON, `{"by", "path", "params"}`, and answers each with one: `{"result"}`, or
`{"error"}` with `status` and `code`. ENDPOINT and KEY name the sandbox. TOKENS, if it is there,
names the client session token of each one who calls.
"""

import dataclasses
import json
import os
import sys

from seam import Seam
from seam.exceptions import SeamHttpApiError

ENDPOINT, KEY = os.environ["ENDPOINT"], os.environ["KEY"]
WAIT = {"timeout": 30, "polling_interval": 0.05}


def client(token=None):
    # The SDK has no option for a client session token, and refuses it as a key; the headers that
    # it documents do.
    headers = token and {
        "authorization": f"Bearer {token}",
        "client-session-token": token,
    }
    return Seam.from_api_key(
        KEY,
        endpoint=ENDPOINT,
        wait_for_action_attempt=WAIT,
        httpx_options={"headers": headers} if headers else None,
    )


def plain(value):
    return vars(value) if dataclasses.is_dataclass(value) else dict(value)


def ask(seam, path, params):
    method = seam
    for name in path.strip("/").split("/"):
        method = getattr(method, name)
    try:
        return {"result": method(**params)}
    except SeamHttpApiError as error:
        return {"error": {"status": error.status_code, "code": error.code}}


tokens = json.loads(os.environ.get("TOKENS", "{}"))
sessions = {by: client(token) for by, token in tokens.items()}
back_end = client()
for line in sys.stdin:
    call = json.loads(line)
    seam = sessions[call["by"]] if sessions else back_end
    answer = ask(seam, call["path"], call["params"])
    print(json.dumps(answer, default=plain), flush=True)
