//! `oidcc-formpost-basic-certification-test-plan`: the same modules, answered by a form that posts itself.

use crate::suite::Mode;

super::modules::basic_plan!(Mode::FormPost);
