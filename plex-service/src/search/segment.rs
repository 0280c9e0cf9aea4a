//! The index of one library: its words with where they occur, and their trigrams to find words with typing errors.

use std::collections::HashMap;

use shared_types::ids::ItemId;

use super::{
    distance::{tolerated, within},
    text::{fold, words},
};

/// Where a word occurs. The order is the order of worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Title,
    OriginalTitle,
    Person,
    Year,
}

impl Field {
    const ALL: [Self; 4] = [Self::Title, Self::OriginalTitle, Self::Person, Self::Year];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::OriginalTitle => "original_title",
            Self::Person => "person",
            Self::Year => "year",
        }
    }

    const fn worth(self) -> f32 {
        match self {
            Self::Title => 1.0,
            Self::OriginalTitle => 0.95,
            Self::Person => 0.6,
            Self::Year => 0.5,
        }
    }
}

/// An item as the index sees it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: ItemId,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) original_title: Option<String>,
    pub(crate) year: i32,
    pub(crate) people: Vec<String>,
}

/// An item that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    pub(crate) id: ItemId,
    pub(crate) score: f32,
    pub(crate) matched: Field,
}

#[derive(Debug)]
struct Document {
    id: ItemId,
    /// How much its kind is worth: a show before its episodes.
    worth: f32,
    title_words: u16,
}

/// Postings hold the document's number times four plus the field.
type Posting = u32;

/// The index of one library at one revision.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    documents: Vec<Document>,
    /// Sorted, so that words with a common beginning stand together.
    words: Vec<Box<str>>,
    postings: Vec<Box<[Posting]>>,
    trigrams: HashMap<[char; 3], Vec<u32>>,
}

/// Collects documents for a [`Segment`].
#[derive(Debug, Default)]
pub(crate) struct Builder {
    documents: Vec<Document>,
    words: HashMap<Box<str>, Vec<Posting>>,
}

impl Builder {
    pub(crate) fn add(&mut self, entry: &Entry) {
        let number = u32::try_from(self.documents.len()).unwrap_or(u32::MAX) * 4;
        let title = words(&fold(&entry.title));
        self.documents.push(Document {
            id: entry.id,
            worth: worth_of(&entry.kind),
            title_words: u16::try_from(title.len()).unwrap_or(u16::MAX),
        });
        self.post(title, number, Field::Title);
        if let Some(original) = &entry.original_title {
            self.post(words(&fold(original)), number, Field::OriginalTitle);
        }
        for person in &entry.people {
            self.post(words(&fold(person)), number, Field::Person);
        }
        if entry.year > 0 {
            self.post(vec![entry.year.to_string()], number, Field::Year);
        }
    }

    fn post(&mut self, words: Vec<String>, number: u32, field: Field) {
        for word in words {
            let postings = self.words.entry(word.into_boxed_str()).or_default();
            let posting = number + field as u32;
            if postings.last() != Some(&posting) {
                postings.push(posting);
            }
        }
    }

    pub(crate) fn build(self) -> Segment {
        let mut entries: Vec<_> = self.words.into_iter().collect();
        entries.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut segment = Segment {
            documents: self.documents,
            ..Segment::default()
        };
        for (number, (word, postings)) in entries.into_iter().enumerate() {
            for trigram in trigrams(&word) {
                let list = segment.trigrams.entry(trigram).or_default();
                list.push(u32::try_from(number).unwrap_or(u32::MAX));
            }
            segment.words.push(word);
            segment.postings.push(postings.into_boxed_slice());
        }
        segment
    }
}

impl Segment {
    /// The best matches for the words of a query; all words must occur. The last one may be a beginning.
    pub(crate) fn search(&self, query: &[String]) -> Vec<Hit> {
        let mut found: HashMap<u32, Match> = HashMap::new();
        for (position, word) in query.iter().enumerate() {
            let matches = self.match_word(word);
            if position == 0 {
                found = matches;
                continue;
            }
            found.retain(|document, sum| {
                matches.get(document).is_some_and(|other| {
                    sum.add(*other);
                    true
                })
            });
        }
        let hits = found.into_iter();
        hits.map(|(document, sum)| self.hit(document, sum, query.len()))
            .collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a title has few words")]
    fn hit(&self, document: u32, sum: Match, query_words: usize) -> Hit {
        let document = &self.documents[document as usize];
        let covered =
            (f32::from(sum.title_words) / f32::from(document.title_words.max(1))).min(1.0);
        let average = sum.score / query_words.max(1) as f32;
        Hit {
            id: document.id,
            score: average * (0.7 + 0.3 * covered) * document.worth,
            matched: sum.field,
        }
    }

    /// Every document in which the word occurs, begins a word, or is meant.
    fn match_word(&self, word: &str) -> HashMap<u32, Match> {
        let mut best = HashMap::new();
        for (number, closeness) in self.similar_words(word) {
            for &posting in &self.postings[number] {
                let field = Field::ALL[(posting % 4) as usize];
                let score = closeness * field.worth();
                let one = Match {
                    score,
                    field,
                    title_words: u16::from(field == Field::Title),
                };
                let entry = best.entry(posting / 4).or_insert(one);
                if score > entry.score {
                    *entry = one;
                }
            }
        }
        best
    }

    /// Numbers of the words that the given one may stand for, each with how close it is.
    fn similar_words(&self, word: &str) -> Vec<(usize, f32)> {
        let start = self.words.partition_point(|known| known.as_ref() < word);
        let length = word.chars().count();
        let mut similar: Vec<(usize, f32)> = self.words[start..]
            .iter()
            .take_while(|known| known.starts_with(word))
            .enumerate()
            .map(|(offset, known)| (start + offset, prefix_closeness(length, known)))
            .collect();
        similar.extend(self.misspelled(word, length));
        similar
    }

    fn misspelled(&self, word: &str, length: usize) -> Vec<(usize, f32)> {
        let limit = tolerated(length);
        if limit == 0 || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Vec::new();
        }
        let typed: Vec<char> = word.chars().collect();
        let grams: Vec<_> = trigrams(word).collect();
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for gram in &grams {
            for &number in self.trigrams.get(gram).into_iter().flatten() {
                *shared.entry(number).or_default() += 1;
            }
        }
        // One change spoils at most four trigrams, when it swaps two letters.
        let needed = grams.len().saturating_sub(4 * limit).max(1);
        let candidates = shared.into_iter().filter(|(_, count)| *count >= needed);
        candidates
            .filter_map(|(number, _)| {
                let known: Vec<char> = self.words[number as usize].chars().collect();
                let distance = within(&typed, &known, limit).filter(|&distance| distance > 0)?;
                Some((number as usize, if distance == 1 { 0.65 } else { 0.5 }))
            })
            .collect()
    }
}

/// How well a document matches so far.
#[derive(Debug, Clone, Copy)]
struct Match {
    score: f32,
    field: Field,
    title_words: u16,
}

impl Match {
    fn add(&mut self, other: Self) {
        self.score += other.score;
        self.title_words += other.title_words;
        // A year or a person next to a title only narrows it down.
        self.field = self.field.min(other.field);
    }
}

#[expect(clippy::cast_precision_loss, reason = "words are short")]
fn prefix_closeness(typed: usize, known: &str) -> f32 {
    let length = known.chars().count();
    if typed == length {
        return 1.0;
    }
    0.7 + 0.2 * (typed as f32 / length as f32)
}

fn worth_of(kind: &str) -> f32 {
    match kind {
        "movie" | "show" | "artist" => 1.0,
        "album" => 0.92,
        "episode" => 0.85,
        _ => 0.8,
    }
}

/// The trigrams of a word with its borders.
fn trigrams(word: &str) -> impl Iterator<Item = [char; 3]> {
    let mut padded = vec!['\0', '\0'];
    padded.extend(word.chars());
    padded.push('\0');
    let mut grams: Vec<[char; 3]> = padded
        .windows(3)
        .map(|window| [window[0], window[1], window[2]])
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams.into_iter()
}
