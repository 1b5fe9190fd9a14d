mod against_other_code;
mod format_preserving;
mod nist_sp_800_38g;
mod plausible;
mod random;
mod rfc_5297;
mod sealed;
