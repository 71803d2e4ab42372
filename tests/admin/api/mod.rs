//! `/admin/api/v1`.

mod audit;
mod cases;
mod clients;
mod description;
mod idempotency;
mod people;
mod problems;
mod rights;
mod roles;
mod webhooks;
