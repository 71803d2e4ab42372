//! Every page and mail, rendered from samples in every language.

mod catalogue;
mod colours;
mod hostile;
mod html;
mod kyc_samples;
mod mails;
mod markup;
mod pages;
mod previews;
mod protection;
mod samples;
