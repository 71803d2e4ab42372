//! The message keys that flow uses, so that a mistyped key does not compile. The arguments each message takes stand beside it.

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $key;)+
        /// Every key of this file, for the test that looks for them in every language.
        pub const ALL: &[&str] = &[$($key),+];
    };
}

keys! {
    // log-in
    /// Wrong address or wrong password: one text for both.
    CREDENTIALS_WRONG = "error-credentials-wrong";
    /// `minutes`: number.
    THROTTLED = "error-throttled";

    // passkeys
    /// The challenge was answered already, or is more than five minutes old.
    PASSKEY_TOO_LATE = "error-passkey-too-late";
    /// Which of many reasons stays open.
    PASSKEY_NOT_RECOGNISED = "error-passkey-not-recognised";
    /// Its counter went back: there may be a copy.
    PASSKEY_COPIED = "error-passkey-copied";
    /// What came back makes no passkey.
    PASSKEY_NOT_MADE = "error-passkey-not-made";
    PASSKEY_NOT_ATTESTED = "error-passkey-not-attested";
    /// Enrolled already, here or elsewhere.
    PASSKEY_KNOWN = "error-passkey-known";
    PASSKEY_TOO_MANY = "error-passkey-too-many";

    // e-mail
    EMAIL_REQUIRED = "error-email-required";
    EMAIL_INVALID = "error-email-invalid";
    EMAIL_TOO_LONG = "error-email-too-long";
    /// Said to whoever holds the set-up link, and to nobody else.
    EMAIL_TAKEN = "error-email-taken";
    EMAIL_SAME = "error-email-same";

    // password
    PASSWORD_REQUIRED = "error-password-required";
    /// `min`: number of characters.
    PASSWORD_TOO_SHORT = "error-password-too-short";
    /// `max`: number of characters.
    PASSWORD_TOO_LONG = "error-password-too-long";
    /// On the list of common or leaked passwords.
    PASSWORD_COMMON = "error-password-common";
    /// Guessable by the estimator's judgement, without a closer reason.
    PASSWORD_WEAK = "error-password-weak";
    PASSWORD_LIKE_ADDRESS = "error-password-like-address";
    PASSWORD_SAME = "error-password-same";
    CURRENT_PASSWORD_WRONG = "error-current-password-wrong";
    /// Not the one that was chosen at the registration.
    PASSWORD_NOT_CHOSEN = "error-password-not-chosen";

    // registration and proofs
    TERMS_REQUIRED = "error-terms-required";
    /// The terms changed while the form was open.
    TERMS_CHANGED = "error-terms-changed";
    CODE_REQUIRED = "error-code-required";
    CODE_WRONG = "error-code-wrong";
    /// Too many wrong codes: a new one is needed.
    CODE_EXHAUSTED = "error-code-exhausted";

    // factors
    /// Wrong, used already, or not of this moment.
    TOTP_WRONG = "error-totp-wrong";
    RECOVERY_CODE_WRONG = "error-recovery-code-wrong";

    // what protects the account
    /// The link was opened on another network than the log-in comes from.
    APPROVAL_ELSEWHERE = "error-approval-elsewhere";
    PHRASE_REQUIRED = "error-phrase-required";
    LOCK_DAYS_INVALID = "error-lock-days-invalid";
    /// The person locked the settings.
    SETTINGS_LOCKED = "error-settings-locked";

    // codes by SMS
    PHONE_REQUIRED = "error-phone-required";
    PHONE_INVALID = "error-phone-invalid";
    PHONE_NOT_MOBILE = "error-phone-not-mobile";
    PHONE_SAME = "error-phone-same";
    SMS_CODE_REQUIRED = "error-sms-code-required";
    /// Wrong, used, expired, replaced by a newer one, or sent for something else.
    SMS_CODE_WRONG = "error-sms-code-wrong";
    /// `seconds`: number.
    SMS_WAIT = "error-sms-wait";
    SMS_COUNTRY = "error-sms-country";
    /// Which limit it is stays open.
    SMS_NOT_NOW = "error-sms-not-now";

    // what a mail says of a change; `name`: text
    MAIL_PASSKEY_ADDED = "mail-passkey-added";
    MAIL_TOTP_ADDED = "mail-totp-added";
    MAIL_PHONE_ADDED = "mail-phone-added";
    MAIL_AUTHENTICATOR_REPLACED = "mail-authenticator-replaced";
    MAIL_AUTHENTICATOR_REMOVED = "mail-authenticator-removed";
    MAIL_RECOVERY_CANCELLED = "mail-recovery-cancelled";
    MAIL_RECOVERED = "mail-recovered";
    MAIL_PHRASE_CHOSEN = "mail-phrase-chosen";
    MAIL_PHRASE_REMOVED = "mail-phrase-removed";
    MAIL_SETTINGS_LOCKED = "mail-settings-locked";
    MAIL_SETTINGS_KEPT_LOCKED = "mail-settings-kept-locked";
    MAIL_APPROVAL_ON = "mail-approval-on";
    MAIL_APPROVAL_OFF = "mail-approval-off";
    MAIL_RECOVERY_CODES_MADE = "mail-recovery-codes-made";
    /// `left`: number.
    MAIL_RECOVERY_CODE_USED = "mail-recovery-code-used";

    // profile and account
    /// `max`: number of characters.
    TEXT_TOO_LONG = "error-text-too-long";
    BIRTHDATE_INVALID = "error-birthdate-invalid";
    ZONEINFO_INVALID = "error-zoneinfo-invalid";
    LOCALE_INVALID = "error-locale-invalid";
    CONFIRM_REQUIRED = "error-confirm-required";
    LAST_OWNER = "error-last-owner";

    // verification
    NAME_REQUIRED = "error-name-required";
    NAME_INVALID = "error-name-invalid";
    COUNTRY_REQUIRED = "error-country-required";
    STREET_REQUIRED = "error-street-required";
    LOCALITY_REQUIRED = "error-locality-required";
    DOCUMENT_KIND_REQUIRED = "error-document-kind-required";
    DOCUMENT_NUMBER_INVALID = "error-document-number-invalid";
    /// The document is not valid any more.
    DOCUMENT_EXPIRED = "error-document-expired";
    DATE_REQUIRED = "error-date-required";
    /// `days`: number.
    PROOF_TOO_OLD = "error-proof-too-old";
    FUNDS_SOURCE_REQUIRED = "error-funds-source-required";
    FUNDS_NOTE_REQUIRED = "error-funds-note-required";
    FILE_REQUIRED = "error-file-required";
    /// `megabytes`: number.
    FILE_TOO_LARGE = "error-file-too-large";
    /// Too few pixels.
    FILE_TOO_SMALL = "error-file-too-small";
    FILE_NO_PICTURE = "error-file-no-picture";
    /// Neither a picture nor a PDF.
    FILE_NO_PAPER = "error-file-no-paper";

    // confirmations shown once above a page
    NOTICE_APPLICATION_GIVEN_UP = "notice-application-given-up";
    /// Proven already, perhaps in another browser, or expired.
    NOTICE_REGISTRATION_OVER = "notice-registration-over";
    NOTICE_SMS_SENT = "notice-sms-sent";
    NOTICE_PHONE_ADDED = "notice-phone-added";
    NOTICE_CODE_RESENT = "notice-code-resent";
    NOTICE_PASSWORD_CHANGED = "notice-password-changed";
    NOTICE_EMAIL_SENT = "notice-email-sent";
    NOTICE_EMAIL_CANCELLED = "notice-email-cancelled";
    NOTICE_SESSION_ENDED = "notice-session-ended";
    /// `count`: number of sessions ended.
    NOTICE_SESSIONS_ENDED = "notice-sessions-ended";
    NOTICE_RECOVERY_CANCELLED = "notice-recovery-cancelled";
    NOTICE_LOG_IN_TO_ENROL = "notice-log-in-to-enrol";
    NOTICE_FACTOR_RENAMED = "notice-factor-renamed";
    NOTICE_FACTOR_REMOVED = "notice-factor-removed";
    NOTICE_PHRASE_CHANGED = "notice-phrase-changed";
    NOTICE_PHRASE_REMOVED = "notice-phrase-removed";
    NOTICE_SETTINGS_LOCKED = "notice-settings-locked";
    NOTICE_DEVICES_FORGOTTEN = "notice-devices-forgotten";
    NOTICE_APPROVAL_ON = "notice-approval-on";
    NOTICE_APPROVAL_OFF = "notice-approval-off";
    NOTICE_LOG_IN_TO_UNFREEZE = "notice-log-in-to-unfreeze";
    NOTICE_APP_WITHDRAWN = "notice-app-withdrawn";
    NOTICE_TOTP_ADDED = "notice-totp-added";
    NOTICE_PASSKEY_ADDED = "notice-passkey-added";
    NOTICE_PROFILE_SAVED = "notice-profile-saved";

    // the console
    /// `detail`: what the rule says, in English.
    ADMIN_REFUSED = "error-admin-refused";
    ADMIN_CLIENT_TAKEN = "error-admin-client-taken";
    ADMIN_NO_PERSON = "error-admin-no-person";
    ADMIN_NO_CLIENT = "error-admin-no-client";
    ADMIN_NO_SCOPE = "error-admin-no-scope";
    /// `given`: as typed.
    ADMIN_NO_FILTER = "error-admin-no-filter";
    ADMIN_NO_DAY = "error-admin-no-day";
    ADMIN_DAYS_TURNED = "error-admin-days-turned";
    ADMIN_NO_PLACE = "error-admin-no-place";
    ADMIN_NO_HOURS = "error-admin-no-hours";
    ADMIN_NO_MINUTES = "error-admin-no-minutes";
    ADMIN_NO_LOG_IN = "error-admin-no-log-in";
    ADMIN_NO_LEVEL = "error-admin-no-level";
    ADMIN_NO_LOGO = "error-admin-no-logo";
    ADMIN_CHANGED_MEANWHILE = "error-admin-changed-meanwhile";
    RULE_CLIENT_ID = "error-rule-client-id";
    RULE_CLIENT_NAME = "error-rule-client-name";
    /// `line`: number.
    RULE_URI = "error-rule-uri";
    /// `line`: number.
    RULE_NATIVE_URI = "error-rule-native-uri";
    RULE_URIS = "error-rule-uris";
    RULE_SCOPE = "error-rule-scope";
    RULE_SERVICE_SCOPE = "error-rule-service-scope";
    RULE_AUDIENCE = "error-rule-audience";
    RULE_CONSENT = "error-rule-consent";
    RULE_LINK = "error-rule-link";
    RULE_COLOUR = "error-rule-colour";
    WEBHOOK_URL = "error-webhook-url";
    WEBHOOK_EVENTS = "error-webhook-events";
    WEBHOOK_DESCRIPTION = "error-webhook-description";
    NOTICE_ADMIN_FACTOR_NEEDED = "notice-admin-factor-needed";
    NOTICE_ADMIN_PASSKEY_NEEDED = "notice-admin-passkey-needed";
    NOTICE_ADMIN_OWNER = "notice-admin-owner";
    NOTICE_ADMIN_PROPOSED = "notice-admin-proposed";
    NOTICE_ADMIN_CONFIRMED = "notice-admin-confirmed";
    NOTICE_ADMIN_DECLINED = "notice-admin-declined";
    NOTICE_ADMIN_REASON_NEEDED = "notice-admin-reason-needed";
    NOTICE_ADMIN_OWN = "notice-admin-own";
    NOTICE_ADMIN_SAME_EYES = "notice-admin-same-eyes";
    NOTICE_ADMIN_STALE = "notice-admin-stale";
    NOTICE_ADMIN_ROLE_GIVEN = "notice-admin-role-given";
    NOTICE_ADMIN_ROLE_TAKEN = "notice-admin-role-taken";
    NOTICE_ADMIN_FROZEN = "notice-admin-frozen";
    NOTICE_ADMIN_UNFROZEN = "notice-admin-unfrozen";
    NOTICE_ADMIN_SESSIONS_ENDED = "notice-admin-sessions-ended";
    NOTICE_ADMIN_AUTHENTICATOR_REMOVED = "notice-admin-authenticator-removed";
    NOTICE_ADMIN_HOLD_STARTED = "notice-admin-hold-started";
    NOTICE_ADMIN_HOLD_LIFTED = "notice-admin-hold-lifted";
    NOTICE_ADMIN_CONSENT_WITHDRAWN = "notice-admin-consent-withdrawn";
    NOTICE_ADMIN_KEY_ROTATED = "notice-admin-key-rotated";
    NOTICE_ADMIN_KEY_RETIRED = "notice-admin-key-retired";
    NOTICE_ADMIN_RETRIED = "notice-admin-retried";
    NOTICE_ADMIN_CLIENT_SAVED = "notice-admin-client-saved";
    NOTICE_ADMIN_CLIENT_OFF = "notice-admin-client-off";
    NOTICE_ADMIN_CLIENT_ON = "notice-admin-client-on";
    NOTICE_ADMIN_CLIENT_REMOVED = "notice-admin-client-removed";
    NOTICE_ADMIN_INVITATION_WITHDRAWN = "notice-admin-invitation-withdrawn";
    NOTICE_ADMIN_NOBODY_FOUND = "notice-admin-nobody-found";
    NOTICE_WEBHOOK_SAVED = "notice-webhook-saved";
    NOTICE_WEBHOOK_PAUSED = "notice-webhook-paused";
    NOTICE_WEBHOOK_RESUMED = "notice-webhook-resumed";
    NOTICE_WEBHOOK_REMOVED = "notice-webhook-removed";
    NOTICE_WEBHOOK_TESTED = "notice-webhook-tested";
    NOTICE_WEBHOOK_AGAIN = "notice-webhook-again";

    // the pages of reviewers
    NOTICE_REVIEW_APPROVED = "notice-review-approved";
    NOTICE_REVIEW_REJECTED = "notice-review-rejected";
    NOTICE_REVIEW_PROPOSED = "notice-review-proposed";
    NOTICE_REVIEW_SENT_BACK = "notice-review-sent-back";
    NOTICE_REVIEW_NOTED = "notice-review-noted";
    NOTICE_REVIEW_MEANWHILE = "notice-review-meanwhile";
    NOTICE_REVIEW_UNREADABLE = "notice-review-unreadable";
    NOTICE_REVIEW_NOTE_NEEDED = "notice-review-note-needed";
    NOTICE_REVIEW_NOBODY_FOUND = "notice-review-nobody-found";
    NOTICE_REVIEW_SUSPENDED = "notice-review-suspended";
    NOTICE_REVIEW_REINSTATED = "notice-review-reinstated";
    NOTICE_REVIEW_REVOKED = "notice-review-revoked";
    NOTICE_REVIEW_FACTOR_NEEDED = "notice-review-factor-needed";
}
