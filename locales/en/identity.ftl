# What of a person's verified identity an app is told, and what the levels of verification mean.

consent-identity = It would like to know about you, as verified
consent-identity-text = This comes from the verification of your identity, not from your profile.
identity-level = That your identity was verified
identity-level-text = To which level, and when
identity-evidence = How your identity was verified
identity-evidence-text = The kind of document, where and until when it is valid, and who checked it; never a picture of it or its number
identity-given_name = Your verified given name
identity-given_name-text = As it stands in your document
identity-middle_name = Your verified middle name
identity-middle_name-text = As it stands in your document
identity-family_name = Your verified family name
identity-family_name-text = As it stands in your document
identity-birthdate = Your verified date of birth
identity-birthdate-text = As it stands in your document
identity-nationalities = Your verified nationality
identity-nationalities-text = As it stands in your document
identity-address = Your verified postal address
identity-address-text = As you proved it
