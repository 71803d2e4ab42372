//! Every page and mail, rendered from samples in every language.

mod catalogue;
mod hostile;
mod markup;
mod pages;
mod previews;
mod samples;
