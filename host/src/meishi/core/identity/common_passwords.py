"""Passwords of ten characters and more that are tried first, because so many have them."""

from __future__ import annotations

COMMON_PASSWORDS = frozenset(
    """
    0123456789 0987654321 1234567890 12345678910 123456789a 1q2w3e4r5t
    1q2w3e4r5t6y 1qaz2wsx3edc 9876543210 abc1234567 abc123abc123 abcd123456
    abcd1234abcd abcdefghij abcdefghijk access1234 access14life admin12345
    admin123456 admin1234567 adminadmin adminadmin1 administrator administrator1
    arsenal123 asdfghjkl1 asdfghjkl123 asdfghjkl; autumn2024 autumn2025
    autumn2026 azertyuiop azertyuiop1 barcelona1 baseball12 baseball123
    basketball basketball1 batman1234 bonjour1234 changeme12 changeme123
    changemenow charlie123 chelsea123 computer12 computer123 contactcards
    contrasena contrasena1 contraseña correcthorsebatterystaple default123 default1234
    demo123456 demodemo12 dragon12345 example1234 facebook12 facebook123
    football12 football123 fortnite123 freedom123 geheim1234 geheim12345
    geheim123456 google12345 guest12345 hallo12345 hallo123456 hallohallo
    haslo12345 haslo123456 hola123456 hunter1234 ichliebedich iloveyou12
    iloveyou123 iloveyou1234 iloveyou2you iloveyouso internet12 internet123
    jennifer123 jessica123 jordan12345 letmein123 letmein1234 letmein2026
    letmeinnow liverpool1 liverpool123 login12345 loginlogin lösenord123
    manchester master12345 meishi1234 meishi12345 meishi2026 meishimeishi
    michael123 michelle123 minecraft1 minecraft123 monkey12345 motdepasse
    motdepasse1 motdepasse123 mudar12345 nintendo123 p@ssw0rd123 p@ssword123
    parola12345 pass1234567 pass12345678 passpasspass passw0rd123 password!1
    password!123 password12 password123 password1234 password12345 password2024
    password2025 password2026 passwort12 passwort123 passwort1234 playstation
    pokemon123 pokemon1234 princess12 princess123 qazwsxedc123 qazwsxedcrfv
    qwerty1234 qwerty12345 qwerty123456 qwerty12345678 qwertyuiop qwertyuiop123
    qwertzuiop realmadrid rootpassword rootroot12 salasana123 samsung123
    schatz1234 secret1234 secret12345 secret123456 secretsecret senha12345
    senha123456 shadow12345 soleil1234 sommer2024 sommer2025 sommer2026
    spiderman1 spiderman12 spring2024 spring2025 spring2026 starwars12
    starwars123 summer2024 summer2025 summer2026 sunshine12 sunshine123
    superman123 supersecret supersecret1 superuser1 teamomucho temp123456
    temporary1 tequiero123 test123456 test1234567 tester1234 testing123
    testing1234 testtest12 testtest123 topsecret1 trustno1trustno1 user123456
    username123 wachtwoord wachtwoord1 welcome123 welcome1234 welcome2024
    welcome2025 welcome2026 welkom1234 whatever12 whatever123 winter2024
    winter2025 winter2026 zxcvbnm,./ zxcvbnm123
    """.split()
)
