//! medianest
