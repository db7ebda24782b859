"""A mail server (aiosmtpd), and a reader of mails (the standard library): says in JSON lines what it was given.

    mail_peer.py serve MODE [--certificate FILE --key FILE] [--user NAME --password WORD]   MODE: clear, starttls, implicit
    mail_peer.py parse FILE                                                                 a mail in base64 on each line

`serve` first prints its port. What it answers is decided by the recipient's name: rcpt-CODE and data-CODE answer so after
RCPT and after the mail; cut closes the connection after the mail, without an answer.
"""

import argparse
import asyncio
import base64
import email.header
import email.parser
import email.policy
import email.utils
import json
import re
import ssl
import sys


def say(value):
    print(json.dumps(value), flush=True)


def describe(data):
    message = email.parser.BytesParser(policy=email.policy.default).parsebytes(data)
    parts = [part for part in message.walk() if not part.is_multipart()]
    defects = [repr(d) for part in message.walk() for d in part.defects]
    defects += [repr(d) for value in message.values() for d in getattr(value, "defects", [])]
    plain = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(data)

    def mailboxes(name):
        # Names by the older interface: the newer one keeps the space between encoded words, against RFC 2047, section 6.2.
        pairs = email.utils.getaddresses([str(plain[name])] if plain[name] else [])
        return [[str(email.header.make_header(email.header.decode_header(name))), address] for name, address in pairs]

    return {
        "headers": [name for name, _ in message.items()],
        "from": mailboxes("From"),
        "to": mailboxes("To"),
        "replyTo": mailboxes("Reply-To"),
        "subject": str(message["Subject"]),
        "messageID": str(message["Message-ID"]),
        "date": message["Date"].datetime.isoformat(),
        "autoSubmitted": str(message["Auto-Submitted"]),
        "contentType": message.get_content_type(),
        "parts": [[part.get_content_type(), part.get_payload(decode=True).decode("utf-8")] for part in parts],
        "defects": defects,
        "longestLine": max(len(line) for line in data.split(b"\r\n")),
        "isClean": data.isascii() and not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", data),
    }


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        wanted = re.match(r"rcpt-(\d)(\d\d)@", address)
        if wanted:
            code = "".join(wanted.groups())
            return f"{code}-{wanted[1]}.7.1 told to {address}\r\n{code} {wanted[1]}.7.1 hush"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        description = describe(envelope.content)
        description["sender"] = envelope.mail_from
        description["recipients"] = envelope.rcpt_tos
        description["isEncrypted"] = server.transport.get_extra_info("ssl_object") is not None
        description["greeting"] = session.host_name
        description["user"] = session.auth_data.login.decode() if session.auth_data else None
        say(description)
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "cut":
            server.transport.abort()
        wanted = re.match(r"data-(\d)(\d\d)", name)
        return f"{wanted[1]}{wanted[2]} {wanted[1]}.7.1 hush" if wanted else "250 2.0.0 taken"


async def serve(options):
    from aiosmtpd.smtp import SMTP, AuthResult

    context = None
    if options.mode != "clear":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)

    def authenticator(server, session, envelope, mechanism, data):
        login, password = data.login.decode(), data.password.decode()
        success = (login, password) == (options.user, options.password)
        return AuthResult(success=success, handled=False, auth_data=data)

    def protocol():
        return SMTP(
            Handler(),
            hostname="peer.test",
            tls_context=context if options.mode == "starttls" else None,
            require_starttls=options.mode == "starttls",
            authenticator=authenticator if options.user else None,
            auth_required=bool(options.user),
            auth_require_tls=options.mode == "starttls",
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", 0, ssl=context if options.mode == "implicit" else None
    )
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve")
    serving.add_argument("mode", choices=["clear", "starttls", "implicit"])
    for option in ["certificate", "key", "user", "password"]:
        serving.add_argument(f"--{option}")
    commands.add_parser("parse").add_argument("file")
    options = parser.parse_args()
    if options.command == "serve":
        asyncio.run(serve(options))
    else:
        with open(options.file, "rb") as mails:
            for line in mails:
                say(describe(base64.b64decode(line)))


if __name__ == "__main__":
    sys.exit(main())
