/** Says that the demo is being built, before Maven compiles anything. */
class Building {
    public static void main(String[] args) {
        System.out.println("Building the library and the demo. This takes a minute or two; then it starts by itself.");
    }
}
