@main
enum Backchannel {
    static func main() {}
}
