"""What sign-in by another provider refuses, each with its own stable code; none tells whether an account exists."""

from common.errors import AppError, ErrorKind, register_translations


class ProviderUnavailable(AppError):
    """The identity provider does not answer; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "auth.provider_unavailable"


class ProviderBroken(AppError):
    """The identity provider gave an answer that cannot be used."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "auth.provider_broken"


class ProviderAddressForbidden(AppError):
    """The identity provider's address leads where this installation may not go."""

    kind, code = ErrorKind.INVALID, "auth.provider_address_forbidden"


class ProviderRefused(AppError):
    """The identity provider did not let you in."""

    kind, code = ErrorKind.FORBIDDEN, "auth.provider_refused"


class SignInUnknown(AppError):
    """This sign-in was not begun in this browser, or took too long; begin again."""

    kind, code = ErrorKind.INVALID, "auth.sign_in_unknown"


class StateMismatch(AppError):
    """This answer belongs to another sign-in; begin again."""

    kind, code = ErrorKind.INVALID, "auth.state_mismatch"


class SignInRepeated(AppError):
    """This sign-in has been finished already; begin again."""

    kind, code = ErrorKind.INVALID, "auth.sign_in_repeated"


class IssuerMismatch(AppError):
    """Another identity provider answered than the one that was asked."""

    kind, code = ErrorKind.INVALID, "auth.issuer_mismatch"


class CodeRefused(AppError):
    """The identity provider does not take back the code that it gave; begin again."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.code_refused"


class ClientRefused(AppError):
    """The identity provider refuses this installation's client id or secret."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "auth.client_refused"


class IdTokenMalformed(AppError):
    """The identity provider's ID token cannot be read."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_malformed"


class IdTokenAlgorithm(AppError):
    """The ID token is signed in a way that is not accepted."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_algorithm"


class IdTokenSignature(AppError):
    """The signature of the ID token is not the provider's."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_signature"


class IdTokenIssuer(AppError):
    """The ID token comes from another issuer."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_issuer"


class IdTokenAudience(AppError):
    """The ID token was made for another client."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_audience"


class IdTokenExpired(AppError):
    """The ID token is not valid at this time."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_expired"


class IdTokenNonce(AppError):
    """The ID token belongs to another sign-in."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_nonce"


class IdTokenHash(AppError):
    """The ID token does not belong to the access token that came with it."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.id_token_hash"


class EmailNotVerified(AppError):
    """The identity provider does not vouch for your e-mail address."""

    kind, code = ErrorKind.FORBIDDEN, "auth.email_not_verified"


class LinkNeedsProof(AppError):
    """Sign in with your password: this provider may not speak for your account."""

    kind, code = ErrorKind.FORBIDDEN, "auth.link_needs_proof"


class ReturnAddressRefused(AppError):
    """After the sign-in only this installation, its front end and the tenant's own origins may be opened."""

    kind, code = ErrorKind.INVALID, "auth.return_to_refused"


class PublicDomain(AppError):
    """Anybody can get an e-mail address in this domain, so it cannot stand for an organisation."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.public_domain"


class TooManyProviders(AppError):
    """A tenant has at most twenty identity providers."""

    kind, code = ErrorKind.CONFLICT, "auth.too_many_providers"


class ProviderRulesWrong(AppError):
    """These rules do not fit this kind of identity provider."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.provider_rules_wrong"


class BoundToTenant(AppError):
    """A session that an organisation's own provider opened is good for that organisation alone."""

    kind, code = ErrorKind.FORBIDDEN, "auth.bound_to_tenant"


register_translations(
    {
        "auth.provider_unavailable": "Поставщик входа не отвечает; повторите чуть позже.",
        "auth.provider_broken": "Поставщик входа дал ответ, который нельзя использовать.",
        "auth.provider_address_forbidden": "Адрес поставщика входа ведёт туда, куда этой установке нельзя.",
        "auth.provider_refused": "Поставщик входа вас не впустил.",
        "auth.sign_in_unknown": "Этот вход начат не в этом браузере или длился слишком долго; начните снова.",
        "auth.state_mismatch": "Этот ответ относится к другому входу; начните снова.",
        "auth.sign_in_repeated": "Этот вход уже завершён; начните снова.",
        "auth.issuer_mismatch": "Ответил не тот поставщик входа, которого спрашивали.",
        "auth.code_refused": "Поставщик входа не принимает выданный им код; начните снова.",
        "auth.client_refused": "Поставщик входа не принимает client id или секрет этой установки.",
        "auth.id_token_malformed": "ID-токен поставщика входа не читается.",
        "auth.id_token_algorithm": "ID-токен подписан недопустимым способом.",
        "auth.id_token_signature": "Подпись ID-токена не принадлежит поставщику входа.",
        "auth.id_token_issuer": "ID-токен выдан кем-то другим.",
        "auth.id_token_audience": "ID-токен выдан для другого клиента.",
        "auth.id_token_expired": "ID-токен сейчас не действует.",
        "auth.id_token_nonce": "ID-токен относится к другому входу.",
        "auth.id_token_hash": "ID-токен не соответствует полученному с ним токену доступа.",
        "auth.email_not_verified": "Поставщик входа не подтверждает ваш адрес почты.",
        "auth.link_needs_proof": "Войдите по паролю: этот поставщик не может говорить за вашу учётную запись.",
        "auth.return_to_refused": "После входа можно открыть только эту установку, её сайт и адреса организации.",
        "auth.public_domain": "Адрес в этом домене может получить любой, поэтому он не обозначает организацию.",
        "auth.too_many_providers": "У организации может быть не больше двадцати поставщиков входа.",
        "auth.provider_rules_wrong": "Такие правила не подходят этому виду поставщика входа.",
        "auth.bound_to_tenant": "Сессия, открытая поставщиком входа организации, действует только в ней.",
    }
)
