//! What leaves the process, how it reads, and what every answer means; one program, because linking the SDKs takes longest.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod network;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod own_words;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod requests;
