//! Hosted pages: typed contexts, templates, messages.
