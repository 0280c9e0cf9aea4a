//! One conformance suite for both implementations: in process always, over RabbitMQ when
//! `MEDIANEST_TEST_AMQP_URL` says where one is. Beside it, what only a broker can do.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod in_memory;
#[cfg(test)]
mod in_rabbitmq;
#[cfg(test)]
mod interruptions;
#[cfg(test)]
mod rig;
