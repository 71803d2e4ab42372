//! `oidcc-basic-certification-test-plan`: the code flow, answered in the query.

use crate::suite::Mode;

super::modules::basic_plan!(Mode::Query);
