"""Reads a JSON list of {secret, headers, body} and says for each whether the library of Standard Webhooks accepts it."""

import base64
import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

for delivery in json.load(open(sys.argv[1])):
    try:
        Webhook(delivery["secret"]).verify(base64.b64decode(delivery["body"]), delivery["headers"])
        print("accepted", flush=True)
    except WebhookVerificationError as error:
        print(f"refused: {error}", flush=True)
