"""What auth counts; labels come from closed sets."""

from prometheus_client import Counter

#: Sign-ins by outcome: signed_in, or the code of the refusal.
SIGN_INS = Counter("auth_sign_ins_total", "Sign-ins by outcome", ["outcome"])
#: Refresh tokens that were shown, by verdict: rotate, repeat, refuse, revoke.
REFRESHES = Counter("auth_refreshes_total", "Refresh tokens by verdict", ["verdict"])
#: Mails by kind and outcome: sent, postponed, refused, expired, unreadable, nobody.
MAILS = Counter("auth_mails_total", "Mails by kind and outcome", ["kind", "outcome"])
