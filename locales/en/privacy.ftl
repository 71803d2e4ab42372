### What is held about a person, and taking it along.

account-data = Your data
data-title = Your data
data-lead = Download everything that { $brand } holds about you, as one file.
data-what-account = Your account and profile, and what protects them
data-what-access = Where you are logged in, and which apps have access
data-what-verification = Your verification: what you filled in, your documents, and what was decided
data-what-events = What happened to your account, and when
data-not = Passwords, codes and keys are not in it: they protect your account, and are told to nobody.
data-submit = Download
data-careful = Whoever has this file knows a lot about you. Keep it in a safe place, and not on a shared computer.

mail-data-downloaded-subject = Your { $brand } data was downloaded
mail-data-downloaded-text = Everything that { $brand } holds about you was downloaded from your account.
mail-data-downloaded-not-you = If it was not you, choose a new password at once. That ends all sessions:
