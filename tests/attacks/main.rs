//! Attacks over HTTP and their only safe answer, one file a threat. Every refusal has its positive twin: the same request,
//! well formed, succeeds.

#[path = "../support/mod.rs"]
mod support;

mod a01_redirect_uri_matching;
mod a02_loopback_ports;
mod a03_unproven_requests;
mod a04_dangerous_registrations;
mod a06_response_modes;
mod a07_issuer_in_answers;
mod a08_response_types;
mod a09_headers;
mod a12_code_replay;
mod a13_code_races;
mod a14_pkce;
mod a15_codes_of_others;
mod a17_between_code_and_redemption;
mod a18_client_assertions;
mod a25_client_secrets;
mod a34_step_up;
mod a39_wrong_tokens;
mod a40_introspection_and_revocation;
mod a41_kill_switch;
mod a42_refresh_reuse;
mod a43_refresh_races;
mod a45_refresh_scope;
mod a47_refresh_tokens_of_others;
mod a53_session_fixation;
mod a54_cross_site_account_forms;
mod a54_cross_site_forms;
mod a54_cross_site_second_factor_forms;
mod a56_framing;
mod a58_logout;
mod a59_return_addresses;
mod a60_backchannel_logout;
mod a61_cors;
mod a62_half_a_log_in;
mod a64_authenticator_codes;
mod a65_guessing_codes;
mod a66_sms_pumping;
mod a67_sms_codes;
mod a68_webauthn;
mod a69_webauthn_cross_account;
mod a70_enrolment;
mod a70_passkey_life_cycle;
mod a71_recovery_codes;
mod a72_password_reset;
mod a73_host_headers;
mod a75_prepared_accounts;
mod a76_known_and_unknown;
mod a78_passwords;
mod a79_lockout;
mod a81_security_changes;
mod a82_provider_webhooks;
mod a83_lost_levels;
mod a84_identity_claims;
mod a85_admin_api;
mod a87_secrets_stay_secret;
mod a88_faults;
mod a89_floods;
mod a89_uploads;
mod beyond_the_list;
mod common;
mod cross_site;
mod forged_receipts;
#[allow(dead_code)]
#[path = "../operator/listening_app.rs"]
mod listening_app;
mod passkeys;
mod person;
mod second_factor;
mod timing;
