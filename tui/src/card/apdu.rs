//! An APDU is one command to the card, or its answer: a header and data out, data and a status word back.
//!
//! Only what the My Number Card needs of ISO/IEC 7816-4 is here: short commands (at most 255 bytes of data, 256 of
//! answer), and the card's own signature command.

use std::fmt;

use zeroize::Zeroizing;

/// Name of an application on the card (AID, ISO/IEC 7816-4 §12.2.3): 5 to 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Aid {
    bytes: [u8; 16],
    length: u8,
}

impl Aid {
    /// 公的個人認証 (JPKI): certificates, keys, and their PINs.
    pub const JPKI: Aid = Aid::of([0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01]);
    /// 券面事項入力補助: the card's text.
    pub const TEXT: Aid = Aid::of([0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08]);
    /// The GlobalPlatform issuer domain. Selecting it leaves every application and forgets every checked PIN.
    pub const ISSUER: Aid = Aid::of([0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]);

    const fn of<const N: usize>(name: [u8; N]) -> Aid {
        const { assert!(5 <= N && N <= 16) }
        let mut bytes = [0; 16];
        let mut index = 0;
        while index < N {
            bytes[index] = name[index];
            index += 1;
        }
        Aid { bytes, length: N as u8 }
    }

    /// The application with this name, if it can be one.
    pub fn from_bytes(name: &[u8]) -> Option<Aid> {
        let length = u8::try_from(name.len()).ok().filter(|length| (5..=16).contains(length))?;
        let mut bytes = [0; 16];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        Some(Aid { bytes, length })
    }

    /// The name's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aid({})", data_encoding::HEXUPPER.encode(self.as_bytes()))
    }
}

/// Identifier of an elementary file (EF) within the selected application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(pub u16);

/// The most bytes that one READ BINARY returns.
pub const CHUNK: usize = 256;

/// One command.
///
/// Its data may be a PIN: they are wiped on drop, and `Debug` shows the header alone.
pub struct Command {
    header: [u8; 4],
    data: Zeroizing<Vec<u8>>,
    expected: Option<u8>,
}

impl Command {
    /// SELECT an application, without asking for its description.
    pub fn select_application(aid: Aid) -> Command {
        Command::with_data([0x00, 0xA4, 0x04, 0x0C], aid.as_bytes())
    }

    /// SELECT an EF of the current application.
    pub fn select_file(file: FileId) -> Command {
        Command::with_data([0x00, 0xA4, 0x02, 0x0C], &file.0.to_be_bytes())
    }

    /// READ BINARY of the current EF: `length` bytes, 1 to [`CHUNK`], from `offset`, below 2^15.
    ///
    /// Larger arguments are cut to the greatest that the command can say.
    pub fn read(offset: usize, length: usize) -> Command {
        let [high, low] = u16::try_from(offset).unwrap_or(u16::MAX).min(0x7FFF).to_be_bytes();
        // 256 is written as 0.
        let expected = u8::try_from(length).unwrap_or(0);
        Command { header: [0x00, 0xB0, high, low], data: Zeroizing::default(), expected: Some(expected) }
    }

    /// An empty VERIFY: asks how many tries the current PIN has left, and costs none.
    pub fn tries_left() -> Command {
        Command { header: [0x00, 0x20, 0x00, 0x80], data: Zeroizing::default(), expected: None }
    }

    /// VERIFY the current PIN; a wrong one costs a try.
    pub fn verify(pin: &[u8]) -> Command {
        Command::with_data([0x00, 0x20, 0x00, 0x80], pin)
    }

    /// The card's own COMPUTE DIGITAL SIGNATURE with the current key. For the cards of today P1 = 00 puts PKCS#1 v1.5
    /// padding around the data, a DigestInfo, as they are.
    pub fn sign(p1: u8, data: &[u8]) -> Command {
        let mut command = Command::with_data([0x80, 0x2A, p1, 0x80], data);
        command.expected = Some(0);
        command
    }

    fn with_data(header: [u8; 4], data: &[u8]) -> Command {
        Command { header, data: Zeroizing::new(data.to_vec()), expected: None }
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let Command { header, data, expected } = self;
        // The capacity is exact, so that no copy of a PIN is left behind by a reallocation.
        let mut bytes = Zeroizing::new(Vec::with_capacity(header.len() + 1 + data.len() + 1));
        bytes.extend_from_slice(header);
        if let Ok(length @ 1..) = u8::try_from(data.len()) {
            bytes.push(length);
            bytes.extend_from_slice(data);
        }
        bytes.extend(expected);
        bytes
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [class, instruction, p1, p2] = self.header;
        write!(f, "Command({class:02X} {instruction:02X} {p1:02X} {p2:02X})")
    }
}

/// One answer, split into data and status.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// What came before the status word.
    pub data: Vec<u8>,
    /// The status word, understood.
    pub status: Status,
}

impl Answer {
    /// Splits the bytes from the wire, or none if they do not even hold a status word.
    pub fn parse(mut bytes: Vec<u8>) -> Option<Answer> {
        let (_, status) = bytes.split_last_chunk::<2>()?;
        let status = Status::from(u16::from_be_bytes(*status));
        bytes.truncate(bytes.len() - 2);
        Some(Answer { data: bytes, status })
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The data may be somebody's name and address.
        write!(f, "Answer({} bytes, {})", self.data.len(), self.status)
    }
}

/// A status word, SW1 SW2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 9000.
    Done,
    /// 6282: done, and the file ended before as much was read as was asked for.
    EndOfFile,
    /// 63Cn: the PIN is not verified and has this many tries left, 1 to 15.
    Tries(u8),
    /// 6300: the PIN is not verified and is not counted.
    NotVerified,
    /// 6984 or 63C0: the PIN is blocked.
    Blocked,
    /// 6700.
    WrongLength,
    /// 6981: the EF is a key or a PIN and has no content to read.
    NotReadable,
    /// 6982: a PIN must be verified first.
    PinNeeded,
    /// 6985.
    ConditionsNotMet,
    /// 6986: no EF is current.
    NoCurrentFile,
    /// 6A82: no such application or EF.
    NotFound,
    /// 6A86.
    WrongParameters,
    /// 6B00: the offset lies past the end.
    PastEnd,
    /// 6D00.
    UnknownInstruction,
    /// 6E00.
    UnknownClass,
    /// 6F00: what a card may answer to its first command after power-up.
    NoDiagnosis,
    /// Any other word.
    Other(u16),
}

impl From<u16> for Status {
    fn from(word: u16) -> Status {
        match word {
            0x9000 => Status::Done,
            0x6282 => Status::EndOfFile,
            0x63C0 | 0x6984 => Status::Blocked,
            0x63C1..=0x63CF => Status::Tries((word & 0xF) as u8),
            0x6300 => Status::NotVerified,
            0x6700 => Status::WrongLength,
            0x6981 => Status::NotReadable,
            0x6982 => Status::PinNeeded,
            0x6985 => Status::ConditionsNotMet,
            0x6986 => Status::NoCurrentFile,
            0x6A82 => Status::NotFound,
            0x6A86 => Status::WrongParameters,
            0x6B00 => Status::PastEnd,
            0x6D00 => Status::UnknownInstruction,
            0x6E00 => Status::UnknownClass,
            0x6F00 => Status::NoDiagnosis,
            word => Status::Other(word),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Done => write!(f, "9000"),
            Status::EndOfFile => write!(f, "6282, end of file"),
            Status::Tries(left) => write!(f, "63C{left:X}, not verified"),
            Status::NotVerified => write!(f, "6300, not verified"),
            Status::Blocked => write!(f, "6984, blocked"),
            Status::WrongLength => write!(f, "6700, wrong length"),
            Status::NotReadable => write!(f, "6981, not readable"),
            Status::PinNeeded => write!(f, "6982, PIN needed"),
            Status::ConditionsNotMet => write!(f, "6985, conditions not met"),
            Status::NoCurrentFile => write!(f, "6986, no file selected"),
            Status::NotFound => write!(f, "6A82, not found"),
            Status::WrongParameters => write!(f, "6A86, wrong parameters"),
            Status::PastEnd => write!(f, "6B00, past the end"),
            Status::UnknownInstruction => write!(f, "6D00, unknown instruction"),
            Status::UnknownClass => write!(f, "6E00, unknown class"),
            Status::NoDiagnosis => write!(f, "6F00, no diagnosis"),
            Status::Other(word) => write!(f, "{word:04X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(command: &Command) -> String {
        data_encoding::HEXUPPER.encode(&command.to_bytes())
    }

    #[test]
    fn commands_are_the_bytes_that_real_cards_take() {
        assert_eq!(hex(&Command::select_application(Aid::JPKI)), "00A4040C0AD392F000260100000001");
        assert_eq!(hex(&Command::select_application(Aid::TEXT)), "00A4040C0AD3921000310001010408");
        assert_eq!(hex(&Command::select_file(FileId(0x000A))), "00A4020C02000A");
        assert_eq!(hex(&Command::read(0, 256)), "00B0000000");
        assert_eq!(hex(&Command::read(0x0712, 7)), "00B0071207");
        assert_eq!(hex(&Command::tries_left()), "00200080");
        assert_eq!(hex(&Command::verify(b"1234")), "002000800431323334");
        assert_eq!(hex(&Command::sign(0, &[1, 2, 3])), "802A00800301020300");
    }

    #[test]
    fn a_command_never_prints_its_data() {
        assert_eq!(format!("{:?}", Command::verify(b"1234")), "Command(00 20 00 80)");
    }

    #[test]
    fn a_zero_try_counter_is_a_block() {
        assert_eq!(Status::from(0x63C0), Status::Blocked);
        assert_eq!(Status::from(0x6984), Status::Blocked);
        assert_eq!(Status::from(0x63C2), Status::Tries(2));
    }

    #[test]
    fn an_answer_without_a_status_word_is_none() {
        assert!(Answer::parse(vec![]).is_none());
        assert!(Answer::parse(vec![0x90]).is_none());
        assert_eq!(Answer::parse(vec![7, 0x90, 0]), Some(Answer { data: vec![7], status: Status::Done }));
    }
}
