//! Tests named after the modules of the OpenID Foundation's conformance suite, plan by plan. Each refusal stands beside
//! what is accepted in its place.

mod backchannel_logout;
mod basic;
mod config;
mod dynamic;
mod ekyc;
mod form_post;
mod modules;
mod rp_initiated_logout;
