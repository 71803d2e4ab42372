//! Every page and mail, rendered from samples in every language.

mod catalogue;
mod colours;
mod hostile;
mod html;
mod mails;
mod markup;
mod pages;
mod previews;
mod protection;
mod samples;
