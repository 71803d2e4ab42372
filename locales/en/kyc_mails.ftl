### Mails about verification, and the reasons that people are told.

mail-verification-submitted-subject = We are checking your { $brand } verification
mail-verification-submitted-text = Your application for level { $tier } has arrived, and we are checking it.
mail-verification-submitted-review = This usually takes no longer than { $span }. We write to you as soon as it is decided.

mail-verification-approved-subject = You are verified at { $brand }
mail-verification-approved-text = Your application for level { $tier } was approved. Apps see it the next time you use them.
mail-verification-approved-opens = You can now let apps do this for you:
mail-verification-approved-until = The level is yours until { $day }. We remind you before it ends.

mail-verification-rejected-retry-subject = Your { $brand } verification needs another try
mail-verification-rejected-retry-text = We could not approve your application for level { $tier }:
mail-verification-rejected-retry-more = You can try again at any time.
mail-verification-rejected-retry-button = Try again

mail-verification-rejected-final-subject = Your { $brand } verification was declined
mail-verification-rejected-final-text = We cannot approve your application for level { $tier }, and a new one would not change that:
mail-verification-rejected-final-more = If you think that this is a mistake, contact support.

mail-verification-expiring-subject = Your { $brand } verification ends soon
mail-verification-expiring-text = Level { $tier } of your { $brand } account ends on { $day }. From then on, apps cannot do what needs it.
mail-verification-expiring-more = Verify again before that day, and nothing is interrupted:

mail-verification-expired-subject = Your { $brand } verification has ended
mail-verification-expired-text = Level { $tier } of your { $brand } account has ended. Apps can no longer do what needs it.
mail-verification-expired-more = Your account and what is in it are untouched. To get the level back, verify again:

mail-verification-suspended-subject = Your { $brand } verification is suspended
mail-verification-suspended-text = Your verification is suspended while we look into it. Until that is settled, your account counts as not verified, and apps cannot do what needs it.
mail-verification-suspended-more = You can still log in. If you have questions, contact support.

mail-verification-reinstated-subject = Your { $brand } verification counts again
mail-verification-reinstated-text = Your verification is no longer suspended. Your account has the level it had before, as far as that has not ended meanwhile.

mail-verification-revoked-subject = Your { $brand } verification was taken back
mail-verification-revoked-text = Level { $tier } of your { $brand } account was taken back, with the levels above it. Apps can no longer do what needs it.
mail-verification-revoked-more = If you have questions, contact support.

mail-verification-page = See your verification
mail-verification-again = Verify again

kyc-reason-doc_expired = The document has expired. Use one that is still valid.
kyc-reason-doc_unreadable = The document could not be read. Take the picture in good light, sharp, with all four corners in it.
kyc-reason-doc_type_unsupported = This kind of document is not accepted. Use a passport, an identity card, a driving licence or a residence permit.
kyc-reason-doc_tampered = We could not complete the check.
kyc-reason-face_mismatch = The face could not be matched with the document. Take a new picture, without glasses or hat.
kyc-reason-liveness_failed = We could not see that a live person was in front of the camera. Take a new picture in good light.
kyc-reason-name_mismatch = The name you gave is not the one on the document. Write it as it stands there.
kyc-reason-underage = You are not old enough for this service.
kyc-reason-country_restricted = This service is not offered where you live.
kyc-reason-duplicate_identity = We could not complete the check.
kyc-reason-sanctions_review = We could not complete the check.
kyc-reason-poa_too_old = The proof of address is too old. Use a newer one.
kyc-reason-abandoned = The application was not finished.
kyc-reason-consent_declined = You did not agree to the check, so it could not be made.
kyc-reason-provider_error = Something went wrong on our side. Please try again.
kyc-reason-other = We could not complete the check.
