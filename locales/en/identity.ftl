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

framework-title = What verification means here
framework-lead = { $brand } verifies who people are, in levels. Apps that may know of it are told which level somebody has reached, and refer to this page.
framework-level = Level { $level }
framework-verified = Told to apps as verified, with the assurance level
framework-declared = What the person says. Apps are told nothing of it as verified.
framework-proof-details = Name, date of birth, nationality and country of residence
framework-proof-phone = A phone number, confirmed by a code
framework-proof-document = An official document with a photo, inspected from pictures of it
framework-proof-selfie = The face, compared with the document
framework-proof-address = A paper that shows the address
framework-proof-funds = Where the money comes from
framework-valid = Or until a document expires, if that is sooner, it is valid for
framework-lasting = It ends when one of its documents expires.
framework-limits = A level that has expired, was taken back or is suspended is told to nobody. No equivalence to a legal framework is claimed.
