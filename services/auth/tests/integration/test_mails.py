"""Mails on real sockets: sent after the commit, tried again while the server is away, with TLS and a sign-in."""

import asyncio
import datetime as dt
import ssl
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mail_server import USER, WORD, Mailbox, free_port, smtp_server, text_of
from pydantic import SecretStr, ValidationError

from auth.accounts.domain.letters import Letter
from auth.accounts.outbound.choosing import mailer_of
from auth.accounts.outbound.mailers import MailRefused, MailServerAway, SmtpMailer
from auth.accounts.usecases.send_mails import send_mails
from auth.settings import SmtpSettings
from common.ids import new_id

OWNER = "owner@example.com"
LETTER = Letter("someone@example.com", "Тема", "Текст\n", "<p>Текст</p>")


async def ask(auth, email=OWNER):
    answer = await auth.http.post("/api/v1/auth/password/forgot", json={"email": email})
    assert answer.status_code == 202


async def waiting(test_database):
    connection = await test_database.admin()
    rows = await connection.fetch("SELECT kind, tries, next_try_at, sealed FROM auth.mails ORDER BY created_at")
    await connection.close()
    return rows


async def test_a_server_that_is_away_loses_no_mail(mailing, mailbox, test_database):
    """The server of the fixture listens at its port; this one's port is free until it comes up."""
    port = free_port()
    mailing.app.mailer._settings = SmtpSettings(host="127.0.0.1", port=port, tls="none")
    await ask(mailing)
    async with asyncio.timeout(20):
        while [row["kind"] for row in await waiting(test_database)] != ["reset"]:
            await send_mails(mailing.app)
    (row,) = await waiting(test_database)
    assert row["tries"] >= 1
    assert OWNER.encode() not in row["sealed"]
    async with smtp_server(Mailbox(port)) as late:
        mailing.clock.move(timedelta(minutes=5))
        await send_mails(mailing.app)
        mail = await late.next(to=OWNER)
    assert "/reset?token=jep_" in text_of(mail)
    await send_mails(mailing.app)
    assert await waiting(test_database) == []
    assert late.count(OWNER) == 1


async def test_a_mail_that_nobody_takes_expires(mailing, test_database):
    mailing.app.mailer._settings = SmtpSettings(host="127.0.0.1", port=free_port(), tls="none")
    await ask(mailing)
    await send_mails(mailing.app)
    mailing.clock.move(timedelta(hours=1))
    await send_mails(mailing.app)
    assert await waiting(test_database) == []


async def test_a_recipient_that_is_refused_for_good_is_not_tried_again(mailing, mailbox, test_database):
    mailbox.refused.add(OWNER)
    await ask(mailing)
    await send_mails(mailing.app)
    assert await waiting(test_database) == []
    assert mailbox.mails == []


async def test_two_senders_at_once_send_a_mail_once(mailing, mailbox, test_database):
    for number in range(3):
        await ask(mailing, OWNER if number == 0 else f"x{number}@example.com")
    await asyncio.gather(*(send_mails(mailing.app) for _ in range(4)))
    async with asyncio.timeout(20):
        while await waiting(test_database):
            await asyncio.sleep(0.05)
    assert mailbox.count(OWNER) == 1


async def test_a_mail_of_a_write_that_was_taken_back_is_never_sent(mailing, mailbox, test_database):
    owner = await mailing.owner()
    await owner.call("POST", "/tenants", {})
    body = {"email": "twice@example.com"}
    await owner.call("POST", "/invitations", body)
    await owner.add("twice2@example.com")
    refused = await owner.call("POST", "/invitations", {"email": "twice2@example.com"})
    assert refused.status_code == 409
    await mailbox.next(to="twice@example.com")
    assert mailbox.count("twice2@example.com") == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


def smtp(port, **more: object):
    return SmtpSettings.model_validate({"host": "localhost", "port": port, **more})


async def test_starttls_and_a_sign_in_are_used(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    signed_in = {"username": USER, "password": SecretStr(WORD), "ca_file": str(certificate / "cert.pem")}
    async with smtp_server(Mailbox(free_port()), tls=context, sign_in=True) as box:
        await SmtpMailer(smtp(box.port, **signed_in, **{"from": "sender@example.com"})).send(LETTER, new_id())
        (mail,) = box.mails
        assert mail["From"] == "Jira Export <sender@example.com>"
        assert (mail["Subject"], text_of(mail).strip()) == ("Тема", "Текст")
        with pytest.raises(MailServerAway):
            await SmtpMailer(smtp(box.port, **{**signed_in, "password": SecretStr("wrong")})).send(LETTER, new_id())


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    async with smtp_server(Mailbox(free_port()), tls=context) as box:
        with pytest.raises(MailServerAway):
            await SmtpMailer(smtp(box.port)).send(LETTER, new_id())
        assert box.mails == []


async def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for():
    async with smtp_server(Mailbox(free_port())) as box:
        with pytest.raises(MailServerAway):
            await SmtpMailer(smtp(box.port)).send(LETTER, new_id())
        assert box.mails == []


def test_a_password_never_goes_to_a_far_server_in_the_clear():
    with pytest.raises(ValidationError, match="in the clear"):
        SmtpSettings(host="mail.example.com", username="u", password=SecretStr("p"), tls="none")


async def test_mails_go_nowhere_unless_somebody_says_where(settings):
    assert not mailer_of(settings).works
    with pytest.raises(MailRefused):
        await mailer_of(settings).send(LETTER, new_id())
    assert settings.model_copy(update={"smtp": SmtpSettings(host="mail.example.com")}).mail_goes() == "smtp"


async def test_the_console_prints_links_only_when_it_was_asked_for(settings, capsys):
    console = mailer_of(settings.model_copy(update={"mail": "console"}))
    await console.send(LETTER, new_id())
    assert "mail to someone@example.com: Тема" in capsys.readouterr().out
