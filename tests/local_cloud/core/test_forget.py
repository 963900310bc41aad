"""What was deleted is in no file of the data folder any more, encoded or not."""

import base64
import json
import sqlite3
import urllib.request
from pathlib import Path

from local_cloud.door.calls import Call
from local_cloud.persistence.forget import Scrubber, forget_account
from local_cloud.persistence.journal import Entry, Journal
from tests.local_cloud.core.running import Running

CANARY = "canary.7f3a9b21@example.com"


def found_in(folder: Path, text: str) -> list[str]:
    """Files that hold the text, plain or in base64 at any of its three places."""
    needles = [text.encode(), json.dumps(text)[1:-1].encode()]
    needles += [base64.b64encode(b"x" * shift + text.encode())[4 if shift else 0 : -4] for shift in range(3)]
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def test_a_deleted_account_row_object_and_message_leave_every_file(running: Running) -> None:
    cognito, pool = running.client("cognito-idp"), running.cloud.outputs.user_pool_id
    attributes = [{"Name": "email", "Value": CANARY}]
    made = cognito.admin_create_user(
        UserPoolId=pool, Username=CANARY, UserAttributes=attributes, MessageAction="SUPPRESS"
    )["User"]
    cognito.admin_set_user_password(UserPoolId=pool, Username=CANARY, Password="Correct-Horse-7", Permanent=True)
    row = {"p": {"S": "gone"}, "s": {"S": "a"}, "name": {"S": CANARY}}
    running.client("dynamodb").put_item(TableName="sample-rows", Item=row)
    running.client("s3").put_object(Bucket=running.bucket, Key=f"of/{CANARY}", Body=CANARY.encode())
    sqs, queue = running.client("sqs"), running.queue("sample-failed")
    sqs.send_message(QueueUrl=queue, MessageBody=CANARY)
    assert len(found_in(running.folder / "data", CANARY)) >= 4

    cognito.admin_delete_user(UserPoolId=pool, Username=made["Username"])
    running.client("dynamodb").delete_item(TableName="sample-rows", Key={"p": {"S": "gone"}, "s": {"S": "a"}})
    running.client("s3").delete_object(Bucket=running.bucket, Key=f"of/{CANARY}")
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    scrub = urllib.request.Request(f"{running.cloud.outputs.aws_url}/_scrub", method="POST")
    with urllib.request.urlopen(scrub, timeout=30) as answer:
        assert answer.status == 200
    assert found_in(running.folder / "data", CANARY) == []


def test_what_is_left_of_the_journal_makes_the_others_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "calls.jsonl")
    for name in ("ann", "bob", CANARY):
        body = json.dumps({"Username": name}).encode()
        journal.append(Entry(7, Call("POST", "/", {}, body, "cognito-idp")))
    journal.append(Entry(8, Call("POST", "/", {}, CANARY.encode(), "ssm")))
    journal.forget("cognito-idp", [CANARY])
    assert [json.loads(entry.call.body)["Username"] for entry in list(journal.read())[:2]] == ["ann", "bob"]
    assert len(list(journal.read())) == 3, "calls of other services stay"


def test_a_sign_in_of_a_deleted_account_is_forgotten_with_its_mail(tmp_path: Path) -> None:
    (tmp_path / "oidc").mkdir()
    db = sqlite3.connect(tmp_path / "oidc" / "oidc.sqlite")
    db.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE person (pool, username, sub, claims); CREATE TABLE code (hash, login);"
        "CREATE TABLE login (hash, username); CREATE TABLE refresh (hash, username);"
    )
    with db:
        for name, sub in ((CANARY, "s1"), ("bob", "s2")):
            db.execute("INSERT INTO person VALUES ('p', ?, ?, ?)", (name, sub, f"claims of {name}"))
            db.execute("INSERT INTO login VALUES (?, ?)", (f"l-{sub}", name))
            db.execute("INSERT INTO code VALUES (?, ?)", (f"c-{sub}", f"l-{sub}"))
            db.execute("INSERT INTO refresh VALUES (?, ?)", (f"r-{sub}", name))
    mail = tmp_path / "mailbox.jsonl"
    mail.write_text(f'{{"to": "{CANARY.upper()}"}}\n{{"to": "bob"}}\n')
    forget_account(tmp_path, ["s1"])
    for table in ("person", "login", "code", "refresh"):
        assert len(db.execute(f"SELECT * FROM {table}").fetchall()) == 1, table
    forget_account(tmp_path, [CANARY])
    Scrubber(tmp_path).scrub()
    db.close()
    assert mail.read_text() == '{"to": "bob"}\n'
    assert found_in(tmp_path, CANARY) == []


def test_a_database_that_did_not_change_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    path = tmp_path / "x" / "x.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (a)")
    db.close()
    scrubber = Scrubber(tmp_path)
    scrubber.scrub()
    before = path.stat().st_mtime_ns
    scrubber.scrub()
    assert path.stat().st_mtime_ns == before
