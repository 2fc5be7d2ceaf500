internal import Foundation

/// Paths of data files, as a Delta log spells them and as the file system does.
enum DeltaPath {
    /// Undoes the percent-encoding of a path ("Add File and Remove File": a path is a URI).
    static func decoded(_ path: String) -> String {
        guard path.utf8.contains(percent) else { return path }
        return path.removingPercentEncoding ?? path
    }

    /// One spelling for every spelling of the same path: without percent-encoding and without the `file:` scheme.
    static func canonical(_ path: String) -> String {
        let decoded = decoded(path)
        guard decoded.hasPrefix("file:") else { return decoded }
        let rest = decoded.dropFirst("file:".count)
        // file:/a, file:///a and file://localhost/a are one path; only a path of slashes is left of them.
        let authority = rest.hasPrefix("//localhost/") ? rest.dropFirst("//localhost".count) : rest
        return "/" + authority.drop { $0 == "/" }
    }

    /// Where a data file is in the file system.
    static func location(of path: String, in root: String) -> String {
        let canonical = canonical(path)
        return canonical.hasPrefix("/") ? canonical : root + "/" + canonical
    }

    /// Percent-encodes a relative path of the file system for a log.
    static func encoded(_ path: String) -> String {
        guard path.utf8.contains(where: { !isPlain($0) }) else { return path }
        var result = ""
        for byte in path.utf8 {
            if isPlain(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + hexadecimal(byte)
            }
        }
        return result
    }

    /// The folder of a partition value, by Hive's convention: `column=value`.
    ///
    /// The same characters are escaped as by Hive (`FileUtils.escapePathName`), on whose convention readers of other
    /// formats rely. For Delta it is only a convention: what counts is `partitionValues`.
    static func folder(column: String, value: String?) -> String {
        escaped(column) + "=" + (value.map(escaped) ?? nullFolder)
    }

    /// Reads a folder that `folder(column:value:)` has named; nil for any other name.
    static func partition(folder: String) -> (column: String, value: String?)? {
        guard let equals = folder.firstIndex(of: "=") else { return nil }
        let value = String(folder[folder.index(after: equals)...])
        return (decoded(String(folder[..<equals])), value == nullFolder ? nil : decoded(value))
    }

    private static let percent = UInt8(ascii: "%")
    private static let nullFolder = "__HIVE_DEFAULT_PARTITION__"
    private static let hiveSpecial = Set("\"#%'*/:=?\\{[]^\u{7f}".utf8)

    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x20 || hiveSpecial.contains(byte) {
                bytes += Array(("%" + hexadecimal(byte)).utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
