class Wsline < Formula
  desc "WebSocket client for the terminal, pipes and tests"
  # .ci/homebrew/fill replaces this line with the homepage, the URL of the source archive and its checksum.
  license "Apache-2.0"

  # The first version with Swift 6.2.
  depends_on xcode: ["26.0", :build]
  depends_on macos: :sequoia

  uses_from_macos "swift" => :build
  uses_from_macos "libedit"
  uses_from_macos "zlib"

  def install
    # Homebrew's sandbox does not allow the one of SwiftPM within it.
    system "swift", "build", "--disable-sandbox", "-c", "release", "--product", "wsline"
    bin.install ".build/release/wsline"
    man1.install "Man/wsline.1"
    man5.install "Man/wsline-script.5"
    doc.install "Man/CHANGELOG.md"
    generate_completions_from_executable(bin/"wsline", "--generate-completion-script")
  end

  test do
    assert_equal "hi\n", shell_output("#{bin}/wsline -1 -x hi echo:")
    assert_equal "wsline #{version}\n", shell_output("#{bin}/wsline --version")
  end
end
