//! One conformance suite, run against memory always and against Redis when
//! `MEDIANEST_TEST_REDIS_URL` says where one is.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod connecting;
