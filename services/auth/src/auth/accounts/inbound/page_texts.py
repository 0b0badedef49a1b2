"""The sentences of the built-in pages in English and Russian."""

EN = {
    "invitation": "Invitation to {tenant}",
    "invited_new": "You join as {email}. Choose your name and a password.",
    "invited_known": "You join as {email}. Confirm it with the password of your account.",
    "name": "Your name",
    "password": "Password",
    "new_password": "New password",
    "password_hint": "12 to 128 characters; several words are easy to remember.",
    "join": "Join",
    "joined": "You are a member of {tenant} now",
    "sign_in_now": "Sign in with your e-mail address and password. You may close this page.",
    "reset": "A new password",
    "reset_asks": "All your sessions end when the password is changed.",
    "set": "Set the password",
    "reset_done": "Your password was changed",
    "signed_in": "You are signed in",
    "close": "You may close this page and go back to your program.",
    "not_signed_in": "You are not signed in",
    "cannot": "This link does not work",
    "weak_password": "This password is too easy to guess, or made of your address or a name. Choose another one.",
}
RU = {
    "invitation": "Приглашение в «{tenant}»",
    "invited_new": "Вы войдёте как {email}. Укажите имя и придумайте пароль.",
    "invited_known": "Вы войдёте как {email}. Подтвердите это паролем своей учётной записи.",
    "name": "Ваше имя",
    "password": "Пароль",
    "new_password": "Новый пароль",
    "password_hint": "От 12 до 128 знаков; несколько слов легко запомнить.",
    "join": "Присоединиться",
    "joined": "Теперь вы состоите в «{tenant}»",
    "sign_in_now": "Войдите с адресом почты и паролем. Эту страницу можно закрыть.",
    "reset": "Новый пароль",
    "reset_asks": "После смены пароля все ваши сеансы завершатся.",
    "set": "Сохранить пароль",
    "reset_done": "Пароль изменён",
    "signed_in": "Вы вошли",
    "close": "Закройте эту страницу и вернитесь в программу.",
    "not_signed_in": "Войти не удалось",
    "cannot": "Ссылка не работает",
    "weak_password": "Такой пароль легко угадать, или он составлен из вашего адреса или имени. Выберите другой.",
}


def texts(language: str) -> dict[str, str]:
    return RU if language == "ru" else EN
